"""Texts → which are the same (`exact`) and which are nearly the same (`near`).

Both answer with indices; what becomes of a copy is decided where the data set is made.
"""

from __future__ import annotations

from seatrial.data.dedupe.exact import Copies, exact_copies
from seatrial.data.dedupe.near import near_clusters

__all__ = ["Copies", "exact_copies", "near_clusters"]
