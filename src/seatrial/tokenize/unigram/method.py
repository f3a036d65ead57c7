"""The unigram tokenizer: texts → units → pieces with log probabilities → the tokenizers library's model.

A text is cut where the product of its pieces' probabilities is highest. The space before a word belongs to it and is
written ▁, as in SentencePiece; a ▁ in a text therefore comes back as a space.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from tokenizers.pre_tokenizers import PreTokenizer

from seatrial.spec.tokenizer import TokenizerSpec
from seatrial.tokenize.base import Corpus, require_room, wanted_size
from seatrial.tokenize.special import BYTES, UNKNOWN, added_special
from seatrial.tokenize.unigram.learning import learn_pieces
from seatrial.tokenize.units import normalizer_of, split_units

__all__ = ["train_unigram"]

SPACE = "▁"
NEVER = -1000.0
"""Log probability of tokens that no text is cut into: a text may hold the five letters of <unk> too."""
LONGEST_UNIT = 64
MOST_CHARACTERS = 4_000_000
"""Of all different units together; the most frequent ones are learned from. About 300 bytes of memory for each."""


def train_unigram(corpus: Corpus, spec: TokenizerSpec, where: str) -> Tokenizer:
    """Train a unigram model; see `seatrial.tokenize.base.TokenizerMethod`."""
    special = added_special(spec)
    normalizer = normalizer_of(spec)
    spaces = pre_tokenizers.Metaspace(replacement=SPACE, prepend_scheme="never", split=False)
    cut = pre_tokenizers.Sequence([split_units(spec), spaces])
    corpus.count_characters(normalizer)
    covered = corpus.covered(spec.coverage)
    alphabet = sorted({SPACE, *(character for character in covered if character != " ")})  # Chinese may have no space
    fixed = [UNKNOWN, *(BYTES if spec.byte_fallback is not False else ())]
    size = wanted_size(spec)
    needed = len(fixed) + len(alphabet) + len(special)
    require_room(size, needed, "the characters, the bytes and the special tokens", where)
    counted = _units(corpus.within(covered, normalizer), cut)
    pieces = learn_pieces(
        list(counted),
        list(counted.values()),
        alphabet,
        size=size - len(fixed) - len(special),
        min_frequency=spec.min_frequency,
        progress=corpus.progress,
    )
    vocabulary = [*((token, NEVER) for token in fixed), *pieces]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=0, byte_fallback=len(fixed) > 1))
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = cut
    tokenizer.decoder = decoders.Sequence([decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.add_special_tokens(special)
    return tokenizer


def _units(texts: Iterable[str], cut: PreTokenizer) -> dict[str, int]:
    """The most frequent units with their counts; long ones in parts."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(unit for unit, _ in cut.pre_tokenize_str(text))
    parts: Counter[str] = Counter()
    for unit, count in counts.items():
        for start in range(0, len(unit), LONGEST_UNIT):
            parts[unit[start : start + LONGEST_UNIT]] += count
    kept: dict[str, int] = {}
    left = MOST_CHARACTERS
    for unit, count in sorted(parts.items(), key=lambda item: (-item[1], item[0])):
        left -= len(unit)
        if left < 0:
            break
        kept[unit] = count
    return kept
