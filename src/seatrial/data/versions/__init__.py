"""Two versions of a data set → what was added, removed and changed between them, and how the whole moved.

Inputs: two `Side`s (files, globs, prepared data sets). Output: a `Diff`. Memory does not grow with the data: digests
and the starts of texts lie in a temporary database on disk.
"""

from __future__ import annotations

from seatrial.data.versions.compare import Diff, diff
from seatrial.data.versions.sides import Item, Side, open_sides

__all__ = ["Diff", "Item", "Side", "diff", "open_sides"]
