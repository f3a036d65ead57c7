from __future__ import annotations

import itertools

import numpy as np
import pytest

from seatrial.errors import RequestError
from seatrial.generate.beam import beam_search

from .counting import Counting

STOP = 2
WORDS = 3


class Chain(Counting):
    """Three words whose probabilities depend on the last two."""

    vocabulary, slots = WORDS, 30

    def row(self, token_ids: list[int]) -> np.ndarray:
        table = np.random.default_rng([*token_ids[-2:], 5]).standard_normal(WORDS)
        return table.astype(np.float32)


def scored(prompt: list[int], longest: int, alpha: float) -> list[tuple[float, tuple[int, ...]]]:
    """Every possible continuation with its score, best first."""
    found = []
    for length in range(1, longest + 1):
        for tokens in itertools.product(range(WORDS), repeat=length):
            if STOP in tokens[:-1] or (length < longest and tokens[-1] != STOP):
                continue
            total, said = 0.0, list(prompt)
            for token in tokens:
                row = Chain().row(said).astype(np.float64)
                total += row[token] - np.log(np.exp(row).sum())
                said.append(token)
            found.append((total / length**alpha, tokens))
    return sorted(found, reverse=True)


@pytest.mark.parametrize("alpha", [0.0, 1.0, 2.0])
def test_enough_beams_find_what_trying_everything_finds(alpha: float) -> None:
    engine = Chain()
    found = beam_search(engine, [0, 1], beams=30, max_tokens=4, stop_ids=frozenset({STOP}), length_penalty=alpha)
    expected = scored([0, 1], 4, alpha)
    assert [hypothesis.token_ids for hypothesis in found[:5]] == [tokens for _, tokens in expected[:5]]
    assert [hypothesis.score for hypothesis in found[:5]] == pytest.approx(
        [score for score, _ in expected[:5]], rel=1e-5
    )
    assert not any(engine.held)


def test_one_beam_is_greedy_and_more_are_no_worse() -> None:
    engine = Chain()
    single = beam_search(engine, [0, 1], beams=1, max_tokens=6)
    said = [0, 1]
    for _ in range(6):
        said.append(int(engine.row(said).argmax()))
    assert single[0].token_ids == tuple(said[2:])
    assert beam_search(engine, [0, 1], beams=4, max_tokens=6)[0].score >= single[0].score


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"beams": 0}, "beams"),
        ({"beams": 31}, "beams"),
        ({"length_penalty": -1.0}, "length_penalty"),
        ({"max_tokens": 0}, "max_tokens"),
    ],
)
def test_values_out_of_range_are_refused(changes: dict[str, float], said: str) -> None:
    with pytest.raises(RequestError, match=said):
        beam_search(Chain(), [0], **{"beams": 2, "max_tokens": 3, **changes})  # type: ignore[arg-type]


def test_slots_are_freed_when_the_engine_fails() -> None:
    class Failing(Chain):
        def decode(self, slots: object, token_ids: object) -> np.ndarray:
            raise RuntimeError("broken")

    engine = Failing()
    with pytest.raises(RuntimeError, match="broken"):
        beam_search(engine, [0, 1], beams=2, max_tokens=3)
    assert not any(engine.held)
