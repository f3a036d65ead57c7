"""Objectives take turns by their shares, in an order that follows from the seed, and figures of each are told apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import torch

from seatrial.progress import Progress, silent
from seatrial.tasks.objective import Score
from seatrial.tasks.together import Beside, Together

BOUNDS = {"max_tokens": 100, "max_items": 2}
CPU = torch.device("cpu")


class Counting:
    """An objective of `n` items in pairs that writes down what it is asked."""

    metric, lower_is_better = "accuracy", False

    def __init__(self, n: int, *, unit: float = 1.0) -> None:
        self.lengths: Sequence[int] = [3] * n
        self.digest = f"{n} {unit}"
        self.unit = unit
        self.learned: list[tuple[Any, Sequence[int]]] = []

    def batches(self, epoch: int, *, max_tokens: int, max_items: int) -> Sequence[Sequence[int]]:
        n = len(self.lengths)
        return [[epoch * n + i, epoch * n + i + 1][: n - i] for i in range(0, n, max_items)]

    def loss(self, model: torch.nn.Module, batch: Sequence[int], device: torch.device) -> torch.Tensor:
        self.learned.append((model(1), batch))
        return torch.tensor(2.0)

    def weight(self, batch: Sequence[int]) -> float:
        return self.unit * len(batch)

    def validate(
        self, model: torch.nn.Module, score: Score, device: torch.device, progress: Progress
    ) -> tuple[float, Mapping[str, float]]:
        return self.unit, score([], [])


class Parts(torch.nn.Module):
    def part(self, number: int) -> torch.nn.Module:
        return torch.nn.Identity()

    def forward(self, value: int, part: int) -> tuple[int, int]:
        return value, part


def scored(value: float) -> Score:
    return lambda outputs, examples: {"accuracy": value}


@pytest.fixture
def parts() -> tuple[Counting, Counting, Counting]:
    return Counting(20), Counting(7, unit=50.0), Counting(40)


@pytest.fixture
def together(parts: tuple[Counting, Counting, Counting]) -> Together:
    first, second, third = parts
    others = [Beside("second", second, scored(0.2), 0.25), Beside("third", third, scored(0.3), 0.25, weight=0.5)]
    return Together(first, others, seed=3)


def test_shares_hold_and_an_epoch_is_one_pass_over_the_first(together: Together) -> None:
    for epoch in range(4):
        batches = together.batches(epoch, **BOUNDS)
        assert Counter(batch[0] % 3 for batch in batches) == {0: 10, 1: 5, 2: 5}
        assert all(len({item % 3 for item in batch}) == 1 for batch in batches)
        own = sorted(item // 3 for batch in batches for item in batch if item % 3 == 0)
        assert own == list(range(epoch * 20, epoch * 20 + 20))


def test_a_stream_goes_on_from_epoch_to_epoch_and_begins_again_when_it_ends(together: Together) -> None:
    seen = [
        item // 3
        for epoch in range(8)
        for batch in together.batches(epoch, **BOUNDS)
        for item in batch
        if item % 3 == 1
    ]
    assert sorted(seen) == list(range(len(seen))), "each item of each pass once: 7 to a pass, and no pass cut short"
    later = together.batches(5, **BOUNDS)
    fresh = Together(Counting(20), [Beside("second", Counting(7), scored(0), 0.25), together._others[1]], seed=3)
    assert fresh.batches(5, **BOUNDS) == later, "an epoch does not depend on those that were asked for before"


def test_turns_are_spread_and_follow_from_the_seed(
    together: Together, parts: tuple[Counting, Counting, Counting]
) -> None:
    order = [batch[0] % 3 for batch in together.batches(0, **BOUNDS)]
    assert order == [batch[0] % 3 for batch in together.batches(0, **BOUNDS)]
    assert order != [batch[0] % 3 for batch in together.batches(1, **BOUNDS)]
    halves = Counter(order[:10]), Counter(order[10:])
    assert all(abs(half[0] - 5) <= 1 for half in halves), "the first one is neither early nor late"
    other = Together(parts[0], together._others, seed=4)
    assert order != [batch[0] % 3 for batch in other.batches(0, **BOUNDS)]


def test_a_batch_goes_to_its_objective_with_its_own_head_and_weight(
    together: Together, parts: tuple[Counting, Counting, Counting]
) -> None:
    assert float(together.loss(Parts(), [0, 3], CPU)) == 2.0
    assert float(together.loss(Parts(), [5], CPU)) == 1.0
    assert parts[0].learned == [((1, 0), [0, 1])]
    assert parts[1].learned == []
    assert parts[2].learned == [((1, 2), [1])]


def test_batches_of_different_units_count_alike(together: Together) -> None:
    together.batches(0, **BOUNDS)
    assert together.weight([0, 3]) == 1.0
    assert together.weight([1, 4]) == pytest.approx(2 / (7 / 4)), "of four batches of 7 items one is smaller"
    assert together.weight([2]) == 0.5


def test_figures_of_the_others_stand_beside_those_that_decide(together: Together) -> None:
    loss, scores = together.validate(Parts(), scored(0.9), CPU, silent)
    assert loss == 1.0
    assert scores == {
        "accuracy": 0.9,
        "second.loss": 50.0,
        "second.accuracy": 0.2,
        "third.loss": 1.0,
        "third.accuracy": 0.3,
    }
    assert (together.metric, together.lower_is_better) == ("accuracy", False)


def test_the_digest_covers_what_is_learned_beside(parts: tuple[Counting, Counting, Counting]) -> None:
    first, second, third = parts

    def digest(*beside: Beside) -> str:
        return Together(first, beside, seed=3).digest

    found = {
        digest(Beside("a", second, scored(0), 0.25)),
        digest(Beside("a", third, scored(0), 0.25)),
        digest(Beside("a", second, scored(0), 0.3)),
        digest(Beside("a", second, scored(0), 0.25, weight=2.0)),
    }
    assert len(found) == 4
