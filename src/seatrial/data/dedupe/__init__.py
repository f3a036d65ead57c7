"""Texts → which are the same (`exact`), nearly the same (`near`) or mean the like (`semantic`); which stay (`keep`).

All answer with indices; what becomes of a copy is decided where the data set is made.
"""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.data.dedupe.exact import exact_clusters
from seatrial.data.dedupe.keep import Copies, copies_to_drop
from seatrial.data.dedupe.near import near_clusters

__all__ = ["Copies", "copies_to_drop", "exact_clusters", "exact_copies", "near_clusters"]


def exact_copies(texts: Sequence[str], labels: Sequence[str], ranks: Sequence[int] = ()) -> Copies:
    """The exact copies that should go, by the majority of their labels.

    Args:
        texts: one per example.
        labels: the label of each, empty for none.
        ranks: of each example; of copies with the winning label the one with the lowest rank is kept, then the first.
    """
    return copies_to_drop(exact_clusters(texts), "majority", labels=labels, ranks=ranks)
