"""What a way to split is: examples and their keys → the name of a split for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from seatrial.data.split.keys import SplitKey
from seatrial.records import Example
from seatrial.spec.data_split import Split

__all__ = ["Splitter"]


class Splitter(Protocol):
    """A function that divides examples."""

    def __call__(
        self,
        examples: Sequence[Example],
        keys: Sequence[SplitKey],
        clusters: Sequence[Sequence[int]],
        split: Split,
        seed: int,
    ) -> list[str]:
        """One of ``"train"``, ``"validation"``, ``"test"`` per example.

        Args:
            examples: what to divide.
            keys: group and time of each.
            clusters: indices of near copies, ascending; no index is in two clusters.
            split: shares and what to stratify by.
            seed: another seed gives another division.

        Raises:
            SpecError: the section asks for something that the examples do not have.
            DataError: they cannot be divided so.
        """
