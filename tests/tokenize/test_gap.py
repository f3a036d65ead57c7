"""A tokenizer fills gaps where it has all three tokens of one family."""

from __future__ import annotations

import pytest

from seatrial.spec.tokenizer import TokenizerSpec
from seatrial.tokenize.gap import GAP, gap_ids
from seatrial.tokenize.train import train_tokenizer

from .corpus import ENGLISH

FAMILIES = (
    GAP,
    ("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
    ("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),
)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_three_tokens_are_found_in_their_order(family: tuple[str, ...]) -> None:
    spec = TokenizerSpec(vocabulary=300, special_tokens=list(reversed(family)))
    tokenizer = train_tokenizer(ENGLISH[:2], spec)
    assert gap_ids(tokenizer) == tuple(tokenizer.token_to_id(token) for token in family)


def test_two_of_them_are_not_enough() -> None:
    mixed = [*GAP[:2], "<fim_middle>"]
    assert gap_ids(train_tokenizer(ENGLISH[:2], TokenizerSpec(vocabulary=300, special_tokens=mixed))) is None
