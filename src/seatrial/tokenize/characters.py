"""A token for each character: nothing is learned, no text is cut wrongly, and texts become long.

For small models that learn spelling, and as what other tokenizers are measured against.
"""

from __future__ import annotations

from tokenizers import Tokenizer, decoders, models

from seatrial.spec.tokenizer import TokenizerSpec
from seatrial.tokenize.base import Corpus, require_room
from seatrial.tokenize.special import BYTES, UNKNOWN, added_special
from seatrial.tokenize.units import normalizer_of

__all__ = ["train_characters"]


def train_characters(corpus: Corpus, spec: TokenizerSpec, where: str) -> Tokenizer:
    """List the characters; see `seatrial.tokenize.base.TokenizerMethod`. Rare ones beyond `vocabulary` are left out."""
    special = added_special(spec)
    normalizer = normalizer_of(spec)
    corpus.count_characters(normalizer)
    alphabet = corpus.covered(spec.coverage)
    first = [UNKNOWN, *(BYTES if spec.byte_fallback else ())]
    if spec.vocabulary is not None:
        require_room(spec.vocabulary, len(first) + len(special) + 1, "the special tokens and a character", where)
        room = spec.vocabulary - len(first) - len(special)
        by_count = sorted(alphabet, key=lambda character: (-corpus.characters[character], character))
        alphabet = sorted(by_count[:room])
    vocabulary = {token: number for number, token in enumerate([*first, *alphabet])}
    # Byte-pair encoding without a pair: it knows how to fall back to bytes, which other models of the library do not.
    tokenizer = Tokenizer(models.BPE(vocabulary, [], unk_token=UNKNOWN, byte_fallback=bool(spec.byte_fallback)))
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.add_special_tokens(special)
    return tokenizer
