"""What this room needs of others and is handed by its callers: a task that reads rows, a model that finds entities."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from seatrial.records import Drop, Example, Row, Span
from seatrial.spec.data import DataSpec

__all__ = ["FindsEntities", "OpenEntities", "ReadsRows"]


class ReadsRows(Protocol):
    """The part of a task that turns rows into examples."""

    def columns(self, data: DataSpec) -> tuple[str, ...]:
        """Columns that every row must have. Raises SpecError when the mapping itself is incomplete."""

    def example(self, row: Row, data: DataSpec, labels: Sequence[str]) -> Example | Drop:
        """Turn a row into an example, or say why not; `labels` is empty when they come from the data."""

    def labelled(self, data: DataSpec) -> bool:
        """Whether the examples will have labels."""

    def labels_in(self, example: Example) -> Sequence[str]:
        """The labels that an example has: one, several, or none."""

    def text(self, example: Example) -> str:
        """The text that cleaning and duplicate search look at."""

    def with_text(self, example: Example, text: str) -> Example:
        """The same example with its text replaced by a cleaned one."""

    def check(self, splits: Mapping[str, Sequence[Example]], labels: Sequence[str]) -> None:
        """Raise DataError when these splits cannot be learned from or measured on."""


class FindsEntities(Protocol):
    """A model that marks parts of texts.

    Attributes:
        labels: what it tells apart, such as ``("PER", "LOC")``.
    """

    labels: tuple[str, ...]

    def __call__(self, texts: Sequence[str]) -> Sequence[Sequence[tuple[Span, float]]]:
        """For each text its entities in order, with a score from 0 to 1; spans are characters of the text."""


OpenEntities = Callable[[str], FindsEntities]
"""The reference of a model as a user wrote it → the model. Sent to other processes, so a module's function or a
`functools.partial` of one."""
