"""The counting model: probabilities sum to one, what it has read surprises it less, and nothing is impossible."""

from __future__ import annotations

import math

import numpy as np
import pytest

from seatrial.errors import SpecError
from seatrial.evaluate.opponents.ngram import END, START, CharacterModel, Ngram
from seatrial.records import Example, Provenance

TEXTS = ["the cat sat on the mat", "a cat is a cat", "the mat is flat", "rats sat"]


def example(text: str, name: str = "text") -> Example:
    return Example("x", {name: text}, "", Provenance("toy", 1))


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_the_probabilities_of_all_characters_sum_to_one(order: int) -> None:
    model = CharacterModel(TEXTS, order)
    known = sorted({*"".join(TEXTS), END})
    for history in ("the ", "zzzz", START * 4, "t ca"):
        before = history[len(history) - order + 1 :]
        seen = sum(model.probability(before + character) for character in known)
        unseen = model.probability(before + "\u4e2d") * 0x110000
        assert seen + unseen == pytest.approx(1.0)


def test_what_was_read_surprises_less() -> None:
    model = CharacterModel(TEXTS)
    assert model.surprise("the cat sat") < model.surprise("tac eht tas")
    assert model.surprise("the cat sat on the mat") < CharacterModel(TEXTS, 2).surprise("the cat sat on the mat")


def test_a_text_of_unknown_characters_costs_what_naming_them_costs() -> None:
    assert CharacterModel(TEXTS).surprise("\u4e2d\u6587") > 2 * math.log(0x110000)


def test_an_even_alphabet_costs_its_logarithm() -> None:
    model = CharacterModel(["".join(chr(97 + (7 * i + 3 * j) % 26) for i in range(26)) for j in range(200)], 1)
    per_character = model.surprise("mnopq" * 20) / 101
    assert per_character == pytest.approx(math.log(27), rel=0.05)


def test_as_an_opponent_it_gives_surprise_and_bytes_and_no_tokens() -> None:
    opponent = Ngram([example(text) for text in TEXTS], (), 1)
    counts = opponent.probabilities([example("the cat"), example("caf\u00e9")])
    assert counts.shape == (2, 4)
    assert counts[:, 2].tolist() == [7, 5]
    assert (counts[:, [1, 3]] == 0).all()
    assert counts[0, 0] == pytest.approx(CharacterModel(TEXTS).surprise("the cat"))
    assert np.isfinite(counts).all()


def test_messages_are_not_its_kind_of_text() -> None:
    with pytest.raises(SpecError, match="documents"):
        Ngram([example("[]", "messages")], (), 1)
