"""Texts without a label, as language models learn from them: how rows become documents.

Refuses to know: tokenizers, models, what is foreseen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from seatrial.errors import DataError, SpecError
from seatrial.records import Drop, Example, Row
from seatrial.spec.cleaning import CleaningStep
from seatrial.spec.data import DataSpec
from seatrial.tasks.annotated_text import word_list
from seatrial.tasks.conversations import conversation, is_conversation, spoken
from seatrial.tasks.row_text import row_text

__all__ = ["Documents", "example_id", "refuse_labels", "require_examples"]


class Documents:
    """The methods of a task that `prepare` asks; see `seatrial.tasks.base.Task`.

    Words in a list (`data.columns.tokens`) are joined by `data.tags.join`.
    """

    takes_messages = False
    """Whether `data.columns.messages` may stand in the place of a text."""

    def columns(self, data: DataSpec) -> tuple[str, ...]:
        refuse_labels(data)
        messages = data.columns.messages
        if messages is not None and not self.takes_messages:
            raise SpecError(
                "messages are for the task causal-lm",
                where="data.columns.messages",
                hint="name the column that holds the text in data.columns.text",
            )
        own = (data.columns.id,) if data.columns.id else ()
        return (messages or data.columns.tokens or data.columns.text, *data.slices, *own, *data.split.columns)

    def labelled(self, data: DataSpec) -> bool:
        return True  # the text itself is what is true

    def slices(self, data: DataSpec) -> tuple[str, ...]:
        return tuple(data.slices)

    def example(self, row: Row, data: DataSpec, labels: Sequence[str]) -> Example | Drop:
        if data.columns.messages is not None:
            return conversation(row, data.columns.messages, example_id(row, data), data)
        text = row_text(row, data) if data.columns.tokens is None else _joined(row, data, data.columns.tokens)
        if isinstance(text, Drop):
            return text
        slices = {name: str(row.values[name]) for name in data.slices}
        return Example(example_id(row, data), {"text": text}, "", row.provenance, slices=slices)

    def labels_in(self, example: Example) -> Sequence[str]:
        return ()

    def text(self, example: Example) -> str:
        return spoken(example) if is_conversation(example) else example.inputs["text"]

    def texts(self, example: Example) -> Sequence[str]:
        return (self.text(example),)

    def with_text(self, example: Example, text: str) -> Example:
        if is_conversation(example):
            raise DataError(
                "a cleaning step changes the text, and nobody could say whose words were changed",
                where="data.clean",
                expected="steps that only drop texts",
                hint="set data.clean to [drop-empty], and clean the messages before",
            )
        return replace(example, inputs={"text": text})

    def served_cleaning(self, steps: Sequence[CleaningStep]) -> Sequence[CleaningStep]:
        return ()  # a text is gone on with as it stands

    def check(self, splits: Mapping[str, Sequence[Example]], labels: Sequence[str]) -> None:
        require_examples(splits)


def _joined(row: Row, data: DataSpec, column: str) -> str | Drop:
    """The words in a list as one text."""
    words = word_list(row.values[column])
    return Drop("tokens are missing", "", row.provenance) if words is None else data.tags.join.join(words)


def example_id(row: Row, data: DataSpec) -> str:
    """Stable over runs: of the source, and of the column that identifies a row in it, or else its number."""
    key = row.values[data.columns.id] if data.columns.id else row.provenance.row
    return hashlib.sha256(f"{row.provenance.source}\0{key}".encode()).hexdigest()[:16]


def refuse_labels(data: DataSpec) -> None:
    """Raise SpecError where a column or rules are named that a language model does not look at."""
    if data.rules is not None:
        raise SpecError("this task learns from no labels", where="data.rules", hint="leave the rules out")
    for name in ("label", "ratings", "distribution", "tags", "spans"):
        if getattr(data.columns, name) is not None:
            raise SpecError(
                f"a language model learns from the text alone; {name} would not be used",
                where=f"data.columns.{name}",
                hint="leave it out; a column can be a slice of the report through data.slices",
            )


def require_examples(splits: Mapping[str, Sequence[Example]]) -> None:
    """Raise DataError where a split is empty."""
    for split, examples in splits.items():
        if not examples:
            raise DataError(f"the {split} split is empty", where="data", hint="add examples, or change data.split")
