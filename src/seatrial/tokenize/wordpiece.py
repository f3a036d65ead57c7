"""WordPiece as BERT has it: words are cut into the longest pieces that there are; those within a word begin with ##.

Spaces and line breaks are not kept, and a word with an unknown character is unknown as a whole, so it is for encoders,
not for models that write. The pieces are learned as in byte-pair encoding, on characters, which is what the tokenizers
library does too; the longest-match reading is what makes it WordPiece.

Source: Devlin et al. 2019, "BERT", §3; Song et al. 2021, "Fast WordPiece Tokenization", §2.
"""

from __future__ import annotations

import json
import unicodedata

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from seatrial.spec.tokenizer import TokenizerSpec
from seatrial.tokenize.base import Corpus, require_room, wanted_size
from seatrial.tokenize.special import BERT, added_special
from seatrial.tokenize.units import chinese_units, unicode_form

__all__ = ["CONTINUES", "train_wordpiece", "wordpiece_forms"]

CONTINUES = "##"
ISOLATED = "CJK "
"""How the Unicode names of characters begin that BERT's tokenizer makes a word of each."""
UNKNOWN, CLS, SEP = "[UNK]", "[CLS]", "[SEP]"


def train_wordpiece(corpus: Corpus, spec: TokenizerSpec, where: str) -> Tokenizer:
    """Train WordPiece; see `seatrial.tokenize.base.TokenizerMethod`."""
    frame = _frame(spec)
    corpus.count_characters(frame.normalizer)
    alphabet = [character for character in corpus.covered(spec.coverage) if not character.isspace()]
    runs = (spec.chinese or "characters") == "runs"
    within = [form for character in alphabet for form in wordpiece_forms(character, runs=runs)[1:]]
    special = added_special(spec, ())
    size = wanted_size(spec)
    needed = len(BERT) + len(alphabet) + len(within) + len(special)
    require_room(size, needed, "the characters, alone and within words, and the special tokens", where)
    # The library numbers the characters within words in the order of a hash table, another one in each process, and
    # equally frequent pairs are joined in the order of their numbers. As special tokens they are numbered in our order.
    trainer = trainers.WordPieceTrainer(
        vocab_size=size - len(special),
        min_frequency=spec.min_frequency,
        special_tokens=[*BERT, *within],
        initial_alphabet=alphabet,
        show_progress=False,
    )
    frame.train_from_iterator(corpus.within(alphabet, frame.normalizer), trainer)
    tokenizer = _frame(spec, json.loads(frame.to_str())["model"]["vocab"])
    tokenizer.add_special_tokens([*BERT, *special])
    cls, sep = ((token, tokenizer.token_to_id(token)) for token in (CLS, SEP))
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{CLS} $A {SEP}", pair=f"{CLS} $A {SEP} $B:1 {SEP}:1", special_tokens=[cls, sep]
    )
    return tokenizer


def wordpiece_forms(character: str, *, runs: bool = False) -> tuple[str, ...]:
    """The character as a word of its own, and inside a word where it can be in one.

    Args:
        character: one.
        runs: whether Chinese characters stand together in a word.
    """
    punctuation = unicodedata.category(character).startswith("P") or (character.isascii() and not character.isalnum())
    alone = punctuation or (not runs and unicodedata.name(character, "").startswith(ISOLATED))
    return (character,) if alone else (character, f"{CONTINUES}{character}")


def _frame(spec: TokenizerSpec, vocabulary: dict[str, int] | None = None) -> Tokenizer:
    """Everything but what is learned."""
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token=UNKNOWN, continuing_subword_prefix=CONTINUES))
    characters = (spec.chinese or "characters") == "characters"
    bert = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=characters, strip_accents=False, lowercase=spec.lowercase
    )
    tokenizer.normalizer = normalizers.Sequence([*unicode_form(spec), bert])
    chinese = pre_tokenizers.Split(Regex(chinese_units(spec, "characters")), "isolated")
    steps = [chinese, pre_tokenizers.BertPreTokenizer()]
    if spec.digits == "single":
        steps.append(pre_tokenizers.Digits(individual_digits=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(steps)
    tokenizer.decoder = decoders.WordPiece(prefix=CONTINUES)
    return tokenizer
