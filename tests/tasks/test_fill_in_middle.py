"""Rearranged pieces hold the text, whole and in order, between their control tokens."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from seatrial.errors import SpecError
from seatrial.spec.tokenizer import TokenizerSpec
from seatrial.tasks.fill_in_middle import pieces_with_gaps
from seatrial.tasks.language_tokenizer import LanguageTokenizer, open_tokenizer
from seatrial.tokenize.gap import GAP
from seatrial.tokenize.save import save_tokenizer
from seatrial.tokenize.train import train_tokenizer

TEXTS = [
    "def add(a, b):\n    return a + b  # caf\u00e9 \u4e2d\u6587\n" * 3,
    "x = 1\n",
    "for i in range(10):\n    print(i)\n" * 4,
]


def tokenizer(folder: Path, *, control: bool = True) -> LanguageTokenizer:
    spec = TokenizerSpec(method="bpe", vocabulary=275, special_tokens=list(GAP) if control else [])
    save_tokenizer(train_tokenizer(TEXTS, spec), folder)
    return open_tokenizer(folder, 32)


def parts(ids: list[int], control: list[int]) -> list[list[int]]:
    places = [ids.index(token) for token in control]
    return [ids[a + 1 : b] for a, b in zip(places, [*places[1:], len(ids) - 1], strict=True)]


def test_before_between_and_behind_make_the_text_again(tmp_path: Path) -> None:
    its = tokenizer(tmp_path)
    control = [its.tokenizer.token_to_id(token) for token in GAP]
    pieces = pieces_with_gaps(its, TEXTS, 1.0, seed=3)
    said = b""
    for piece in pieces:
        before, behind, between = parts(list(piece.ids), control)
        assert piece.ids[-1] == its.end_id
        said += its.text([*before, *between, *behind]).encode()
    assert said.decode() == "".join(TEXTS)


def test_pieces_that_stay_hold_the_tokens_in_order(tmp_path: Path) -> None:
    its = tokenizer(tmp_path)
    pieces = pieces_with_gaps(its, TEXTS, 0.0, seed=3)
    pairs = [pair for piece in pieces for pair in pairwise(piece.ids)]
    whole = [pair for ids in its.documents(TEXTS) for pair in pairwise(ids)]
    assert pairs == whole
    assert max(len(piece.ids) for piece in pieces) <= 32


def test_the_share_and_the_seed_are_followed(tmp_path: Path) -> None:
    its = tokenizer(tmp_path)
    first = its.tokenizer.token_to_id(GAP[0])
    many = TEXTS * 40
    found, again, other = (pieces_with_gaps(its, many, 0.5, seed=seed) for seed in (1, 1, 2))
    share = sum(first in piece.ids for piece in found) / len(found)
    assert 0.4 < share < 0.6
    assert found == again != other


def test_a_tokenizer_without_the_tokens_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="fim_prefix"):
        pieces_with_gaps(tokenizer(tmp_path, control=False), TEXTS, 0.5, seed=1)
