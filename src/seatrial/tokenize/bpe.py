"""Byte-level byte-pair encoding: the 256 bytes, and again and again the pair that stands together most often, joined.

It knows every byte, so it reads every text and gives it back exactly; what suits it badly costs more tokens. How it
works is written out in `seatrial.tokenize.plain_bpe`; here the tokenizers library does it.

Source: Sennrich, Haddow and Birch 2016, "Neural Machine Translation of Rare Words with Subword Units", §3.2; on bytes:
Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", §2.2.
"""

from __future__ import annotations

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from seatrial.spec.tokenizer import TokenizerSpec
from seatrial.tokenize.base import Corpus, require_room, wanted_size
from seatrial.tokenize.special import added_special
from seatrial.tokenize.units import normalizer_of, split_units

__all__ = ["train_bpe"]


def train_bpe(corpus: Corpus, spec: TokenizerSpec, where: str) -> Tokenizer:
    """Train byte-level BPE; see `seatrial.tokenize.base.TokenizerMethod`."""
    special = added_special(spec)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    size = wanted_size(spec)
    require_room(size, len(alphabet) + len(special), "all bytes and the special tokens", where)
    tokenizer = Tokenizer(models.BPE())
    normalizer = normalizer_of(spec)
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    corpus.count_characters(normalizer)
    as_bytes = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split_units(spec), as_bytes])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size - len(special),
        min_frequency=spec.min_frequency,
        initial_alphabet=alphabet,
        show_progress=False,
    )
    tokenizer.train_from_iterator(iter(corpus), trainer)
    tokenizer.add_special_tokens(special)
    return tokenizer
