"""Learning several things at once: an objective made of objectives, whose batches take turns.

The first one is what the run is for. An epoch is one pass over its items; of the others come as many batches as their
shares ask for, in a stream that goes on from epoch to epoch. Its metric decides; what the others make of their
validation is written beside it. Refuses to know: what any of them learns, and which network it is.

Source: Caruana 1997, "Multitask Learning", §2; batches of the tasks mixed in one order: Liu et al. 2019, "Multi-Task
Deep Neural Networks for Natural Language Understanding", algorithm 1.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, islice
from typing import TYPE_CHECKING, Any, cast

from seatrial.artifact.digest import json_digest
from seatrial.progress import Progress
from seatrial.tasks.objective import Objective, Score

if TYPE_CHECKING:
    import torch

__all__ = ["Beside", "Together"]


@dataclass(frozen=True, slots=True)
class Beside:
    """An objective that is learned beside the first one.

    Attributes:
        name: what its figures are called by.
        objective: batches, loss and validation of its own.
        score: what its validation is scored by.
        share: of all batches of the run, those of this one; above 0, below 1.
        weight: its loss is multiplied by this.
    """

    name: str
    objective: Objective
    score: Score
    share: float
    weight: float = 1.0


class Together:
    """See `Objective`. An item is the number of an item of one of the objectives, times their number, plus which.

    Args:
        first: what the run is for.
        others: what is learned beside it; the shares sum to less than 1.
        seed: of the order in which the objectives take turns.
    """

    def __init__(self, first: Objective, others: Sequence[Beside], *, seed: int) -> None:
        self.metric, self.lower_is_better, self.lengths = first.metric, first.lower_is_better, first.lengths
        self._objectives = (first, *(other.objective for other in others))
        self._others, self._seed = tuple(others), seed
        self._weights = (1.0, *(other.weight for other in others))
        self._bounds = {"max_tokens": 1, "max_items": 1}
        self._counted: dict[tuple[int, ...], int] = {}
        self._means: dict[int, float] = {}
        settings = [[other.name, other.share, other.weight, other.objective.digest] for other in others]
        self.digest = json_digest([first.digest, settings])

    def batches(self, epoch: int, *, max_tokens: int, max_items: int) -> Sequence[Sequence[int]]:
        """One pass over the first objective's items, its batches and the others' evenly spread, by a seeded draw."""
        self._bounds = {"max_tokens": max_tokens, "max_items": max_items}
        own = self._objectives[0].batches(epoch, max_tokens=max_tokens, max_items=max_items)
        per_epoch = len(self._objectives[0].batches(0, max_tokens=max_tokens, max_items=max_items))
        rest = 1.0 - sum(other.share for other in self._others)
        draw = random.Random(self._seed + epoch)  # noqa: S311 - an order, not a secret
        placed = _spread(own, 0, draw)
        for part, other in enumerate(self._others, start=1):
            wanted = max(1, round(per_epoch * other.share / rest))
            placed += _spread(self._stream(part, epoch * wanted, wanted), part, draw)
        parts = len(self._objectives)
        return [[item * parts + part for item in batch] for _, part, batch in sorted(placed, key=lambda one: one[:2])]

    def loss(self, model: torch.nn.Module, batch: Sequence[int], device: torch.device) -> torch.Tensor:
        part, items = self._whose(batch)
        loss = self._objectives[part].loss(_as_part(model, part), items, device)
        return loss if self._weights[part] == 1.0 else loss * self._weights[part]

    def weight(self, batch: Sequence[int]) -> float:
        """What the batch counts among those of its objective, whose mean is 1: texts and hidden tokens have no common
        unit."""
        part, items = self._whose(batch)
        objective = self._objectives[part]
        if part not in self._means:
            batches = objective.batches(0, **self._bounds)
            self._means[part] = sum(map(objective.weight, batches)) / len(batches)
        return objective.weight(items) / self._means[part] if self._means[part] else 1.0

    def validate(
        self, model: torch.nn.Module, score: Score, device: torch.device, progress: Progress
    ) -> tuple[float, Mapping[str, float]]:
        """The first objective's loss and scores, and those of the others as ``"NAME.loss"`` and ``"NAME.METRIC"``."""
        loss, found = self._objectives[0].validate(_as_part(model, 0), score, device, progress)
        scores = dict(found)
        for part, other in enumerate(self._others, start=1):
            its_loss, its_scores = other.objective.validate(_as_part(model, part), other.score, device, progress)
            scores[f"{other.name}.loss"] = its_loss
            scores |= {f"{other.name}.{name}": value for name, value in its_scores.items()}
        return loss, scores

    def _whose(self, batch: Sequence[int]) -> tuple[int, list[int]]:
        """Which objective a batch is of, and its items there."""
        parts = len(self._objectives)
        return batch[0] % parts, [item // parts for item in batch]

    def _stream(self, part: int, start: int, wanted: int) -> Sequence[Sequence[int]]:
        """The batches `start` to `start + wanted` of an objective whose passes follow one another without end."""
        objective, bounds = self._objectives[part], self._bounds

        def passes() -> Iterator[Sequence[int]]:
            left = start
            for number in count():
                key = (part, number, *bounds.values())
                if key not in self._counted or left < self._counted[key]:
                    batches = objective.batches(number, **bounds)
                    self._counted[key] = len(batches)
                    yield from batches[left:]
                left = max(0, left - self._counted[key])

        return list(islice(passes(), wanted))


def _spread(batches: Sequence[Sequence[int]], part: int, draw: random.Random) -> list[tuple[float, int, Sequence[int]]]:
    """Each batch with its place between 0 and 1: one in each of as many equal stretches as there are batches."""
    return [((place + draw.random()) / len(batches), part, batch) for place, batch in enumerate(batches)]


class _Part:
    """One task's model within a `models.shared_body.SharedBody`. It is called through the whole, which may be wrapped
    for a device, a precision or several processes; asked for anything else, the model itself answers."""

    def __init__(self, whole: Any, part: int) -> None:
        self._whole, self._part = whole, part
        self._model = getattr(whole, "module", whole).part(part)

    def __call__(self, *inputs: Any, **settings: Any) -> Any:
        return self._whole(*inputs, part=self._part, **settings)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)


def _as_part(model: torch.nn.Module, part: int) -> torch.nn.Module:
    return cast("torch.nn.Module", _Part(model, part))
