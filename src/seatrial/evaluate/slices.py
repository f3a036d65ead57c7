"""Which examples belong to a slice. Refuses to know: what is measured on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from seatrial.records import Example

__all__ = ["MOST_VALUES", "select", "slice_values", "wheres"]

MOST_VALUES = 50
"""Values of one slice that are measured unasked; a column of names or days would have thousands."""


def select(examples: Sequence[Example], where: Mapping[str, str]) -> NDArray[np.intp]:
    """Positions of the examples that meet every condition.

    Args:
        examples: any examples.
        where: slice name → value; empty selects all. A slice that an example lacks is not met.
    """
    wanted = where.items()
    return np.array([i for i, example in enumerate(examples) if wanted <= example.slices.items()], dtype=np.intp)


def slice_values(examples: Sequence[Example]) -> dict[str, dict[str, int]]:
    """Slice name → value → number of examples; names in order of the alphabet, values from frequent to rare."""
    counts: dict[str, Counter[str]] = {}
    for example in examples:
        for name, value in example.slices.items():
            counts.setdefault(name, Counter())[value] += 1
    return {name: dict(sorted(counts[name].items(), key=lambda item: (-item[1], item[0]))) for name in sorted(counts)}


def wheres(examples: Sequence[Example], asked: Sequence[Mapping[str, str]] = ()) -> list[dict[str, str]]:
    """Every filter worth measuring, each once: all examples, each slice value, then the combinations asked for.

    Args:
        examples: the examples to be measured on.
        asked: filters of the requirements, for example ``{"domain": "tweets", "agreed": "yes"}``.
    """
    found: list[dict[str, str]] = [{}]
    for name, values in slice_values(examples).items():
        found.extend({name: value} for value in list(values)[:MOST_VALUES])
    for where in asked:
        if dict(where) not in found:
            found.append(dict(where))
    return found
