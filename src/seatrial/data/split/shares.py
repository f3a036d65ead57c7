"""Divide parts that cannot be cut so that every split gets its share of every stratum, as nearly as the parts allow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seatrial.data.split.components import shuffled, stratum
from seatrial.records import Example

__all__ = ["divide"]


def divide(
    examples: Sequence[Example],
    parts: Sequence[Sequence[int]],
    shares: Sequence[float],
    names: Sequence[str],
    seed: int,
) -> list[int]:
    """For each example the place of its split among `shares`; all examples of a part get the same.

    Large parts are placed first, each where the mix is then nearest to what is wanted (squared difference over the
    wanted count, summed over strata). Single examples fill the rest, stratum by stratum.

    Args:
        examples: what to divide.
        parts: indices that stay together; together they are all that is divided.
        shares: of each split, above 0; they need not sum to 1.
        names: what makes a stratum: `label` and slice names.
        seed: decides between equals.

    Returns:
        Places from 0, one per example; -1 for an example that is in no part.
    """
    keys = {index: stratum(examples[index], names) for part in parts for index in part}
    column = {key: place for place, key in enumerate(sorted(set(keys.values())))}
    counts = np.zeros(len(column))
    for key in keys.values():
        counts[column[key]] += 1
    part_of = np.array(shares, dtype=np.float64)
    part_of /= part_of.sum()
    wanted = np.outer(part_of, counts)  # [splits, strata]
    filled = np.zeros_like(wanted)
    result = [-1] * len(examples)
    order = sorted(parts, key=lambda part: (-len(part), min(shuffled(examples[index], seed) for index in part)))
    for part in order:
        if len(part) == 1:
            break
        mix = np.bincount([column[keys[index]] for index in part], minlength=len(column))
        used = np.flatnonzero(mix)  # adding a part changes the sum only where the part has examples
        more, before, goal = mix[used], filled[:, used], wanted[:, used]
        best = int(((more * more + 2 * more * (before - goal)) / goal).sum(axis=1).argmin())
        filled[best] += mix
        for index in part:
            result[index] = best
    singles: list[list[int]] = [[] for _ in column]
    for part in order:
        if len(part) == 1:
            singles[column[keys[part[0]]]].append(part[0])
    owed = np.zeros(len(part_of))  # what rounding has left over so far; it goes to the next stratum
    for place, indices in enumerate(singles):
        owed += wanted[:, place] - filled[:, place]
        due = _whole(np.maximum(owed, 0.0), len(indices), part_of)
        owed = np.clip(owed - due, -1.0, 1.0)  # a stratum of large parts must not upset the mix of all that follow
        for index, where in zip(indices, np.repeat(np.arange(len(due)), due).tolist(), strict=True):
            result[index] = where
    return result


def _whole(due: NDArray[np.float64], count: int, shares: NDArray[np.float64]) -> NDArray[np.intp]:
    """Whole numbers in proportion to `due` that sum to `count`; the largest remainders are rounded up."""
    due = shares if due.sum() <= 0 else due
    exact = due / due.sum() * count
    whole: NDArray[np.intp] = np.floor(exact + 1e-9).astype(np.intp)
    short = count - int(whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:short]] += 1
    return whole
