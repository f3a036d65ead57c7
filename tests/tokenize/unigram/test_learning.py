"""The learned pieces are as good as those of the tokenizers library's trainer, and always the same."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from tokenizers import Tokenizer, models, trainers

from seatrial.spec.tokenizer import TokenizerSpec
from seatrial.tokenize.train import train_tokenizer
from seatrial.tokenize.unigram.learning import _digamma, learn_pieces
from seatrial.tokenize.unigram.seeds import frequent_substrings

from ..corpus import ENGLISH, HELD_OUT


def test_frequent_substrings() -> None:
    units, counts = ["abcab", "bca", "x"], np.array([2, 3, 9])
    found = dict(frequent_substrings(units, counts, longest=3, min_frequency=3, most=99))
    assert found == {"ab": 4, "bc": 5, "ca": 5, "bca": 5}
    assert frequent_substrings(units, counts, longest=3, min_frequency=3, most=1) == [("bca", 5)]
    assert frequent_substrings([], np.array([], dtype=np.int64), longest=3, min_frequency=2, most=9) == []


def test_probabilities_add_up_and_every_character_stays() -> None:
    pieces = learn_pieces(["aaab", "ab", "c"], [5, 7, 1], ["a", "b", "c", "z"], size=6, min_frequency=2)
    assert {"a", "b", "c", "z"} < {piece for piece, _ in pieces}
    assert len(pieces) == 6
    assert sum(math.exp(score) for _, score in pieces) <= 1
    assert [score for _, score in pieces] == sorted((score for _, score in pieces), reverse=True)


def test_digamma() -> None:
    euler = 0.5772156649015329
    values = _digamma(np.array([0.5, 1.0, 2.0, 100.0]))
    expected = [-euler - 2 * math.log(2), -euler, 1 - euler, math.log(100) - 1 / 200 - 1 / 120_000]
    assert values.tolist() == pytest.approx(expected, abs=1e-9)


def test_as_good_as_the_library() -> None:
    """By the log probability of held-out text and by its number of tokens, at the same size and the same units."""
    size = 600
    ours = train_tokenizer(ENGLISH, TokenizerSpec(method="unigram", vocabulary=size, byte_fallback=False, coverage=1))
    theirs = Tokenizer(models.Unigram())
    theirs.pre_tokenizer = ours.pre_tokenizer
    trainer = trainers.UnigramTrainer(
        vocab_size=size - 2, unk_token="<unk>", special_tokens=["<unk>"], show_progress=False
    )
    theirs.train_from_iterator(ENGLISH, trainer)

    def figures(tokenizer: Tokenizer) -> tuple[float, int]:
        scores = dict(json.loads(tokenizer.to_str())["model"]["vocab"])
        read = [token for text in HELD_OUT for token in tokenizer.encode(text).tokens]
        return sum(scores.get(token, -30.0) for token in read), len(read)

    our_probability, our_tokens = figures(ours)
    their_probability, their_tokens = figures(theirs)
    assert our_probability > 1.02 * their_probability, "these are below zero"
    assert our_tokens < 1.02 * their_tokens
