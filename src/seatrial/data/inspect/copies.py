"""Copies within and between the parts of data, from sketches; which labels they carry, and what leaks."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from seatrial.data.dedupe.exact import exact_parents
from seatrial.data.dedupe.near import near_parents
from seatrial.data.dedupe.sketch import Sketch
from seatrial.data.dedupe.unions import clusters_of
from seatrial.progress import Progress

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Compared", "Copied", "find_copies"]


@dataclass(slots=True)
class Compared:
    """Of each text that is compared: the number of its part and of its label."""

    parts: array[int] = field(default_factory=lambda: array("i"))
    labels: array[int] = field(default_factory=lambda: array("i"))
    part_names: dict[str, int] = field(default_factory=dict)
    label_names: dict[str, int] = field(default_factory=dict)

    def add(self, part: str, label: str) -> None:
        """One more text."""
        self.parts.append(self.part_names.setdefault(part, len(self.part_names)))
        self.labels.append(self.label_names.setdefault(label, len(self.label_names)))


@dataclass(frozen=True, slots=True)
class Copied:
    """What was found.

    Attributes:
        copies: rows {kind, clusters, texts, more, conflicting}: `more` is how many texts are there beyond one of each
            cluster, `conflicting` how many clusters carry several labels.
        leaks: rows {kind, between, clusters}: clusters that are in several parts, the most frequent first.
    """

    copies: list[dict[str, Any]]
    leaks: list[dict[str, Any]]


def find_copies(sketches: Sketch, compared: Compared, *, near: float | None, progress: Progress) -> Copied:
    """Exact copies, then near copies among one of each.

    Args:
        sketches: of the texts.
        compared: their parts and labels.
        near: Jaccard similarity from which texts are near copies, or None.
        progress: hears the bands.
    """
    everything: NDArray[np.int64] = np.arange(len(compared.parts), dtype=np.int64)
    parents = exact_parents(sketches.digests, everything)
    exact = clusters_of(parents)
    found = {"exact": exact}
    if near is not None:
        near_of = near_parents(sketches.shingles, sketches.keys, near, among=everything, progress=progress)
        # near copies that are nothing but exact ones have been told of
        found["near"] = [cluster for cluster in clusters_of(near_of) if len(set(parents[cluster].tolist())) > 1]
    copies = [_counts(kind, clusters, compared) for kind, clusters in found.items()]
    return Copied(copies, [row for kind, clusters in found.items() for row in _leaks(kind, clusters, compared)])


def _counts(kind: str, clusters: Sequence[Sequence[int]], compared: Compared) -> dict[str, Any]:
    texts = sum(map(len, clusters))
    none = compared.label_names.get("", -1)
    conflicting = sum(len({compared.labels[index] for index in cluster} - {none}) > 1 for cluster in clusters)
    row = {"kind": kind, "clusters": len(clusters), "texts": texts, "more": texts - len(clusters)}
    return {**row, "conflicting": conflicting}


def _leaks(kind: str, clusters: Sequence[Sequence[int]], compared: Compared) -> list[dict[str, Any]]:
    names = list(compared.part_names)
    between: Counter[tuple[str, ...]] = Counter()
    for cluster in clusters:
        parts = {compared.parts[index] for index in cluster}
        if len(parts) > 1:
            between[tuple(sorted(names[part] for part in parts))] += 1
    ordered = sorted(between.items(), key=lambda item: (-item[1], item[0]))
    return [{"kind": kind, "between": list(names), "clusters": count} for names, count in ordered]
