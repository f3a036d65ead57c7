"""Rows with words and tags, or with a text and spans, → examples with spans, for every task that marks parts of texts.

Refuses to know: models, and what the spans are for.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from seatrial.errors import DataError, SpecError
from seatrial.records import Drop, Example, Row, Span
from seatrial.spec.cleaning import CleaningStep
from seatrial.spec.data import DataSpec
from seatrial.spec.data_tags import Tags
from seatrial.tasks.row_text import row_text
from seatrial.tasks.tags import Chunk, chunks, prefixed, stranger, words

__all__ = ["AnnotatedText", "word_list"]

NO_SPANS = "spans are missing"


class AnnotatedText:
    """The methods of a task that `prepare` asks; see `seatrial.tasks.base.Task`."""

    def columns(self, data: DataSpec) -> tuple[str, ...]:
        columns = data.columns
        tagged = columns.tokens is not None and columns.tags is not None
        if tagged == (columns.spans is not None) or (columns.tokens is None) != (columns.tags is None):
            raise SpecError(
                "name the columns that hold the words and their tags, or the one that holds the spans",
                where="data.columns",
                expected="tokens and tags, or text and spans",
            )
        if data.missing.policy("label") in ("keep", "fill"):
            raise SpecError(
                "what is missing here are spans or tags, and a label cannot stand for them",
                where="data.missing.label",
                expected="drop or error",
                hint="a text without a span has an empty list of spans",
            )
        if data.rules is not None:
            raise SpecError("rules give labels to whole texts", where="data.rules", hint="leave the rules out")
        given = (columns.tokens, columns.tags) if tagged else (columns.text, columns.spans)
        own = (columns.id,) if columns.id else ()
        return (*(name for name in given if name), *data.slices, *own, *data.split.columns)

    def slices(self, data: DataSpec) -> tuple[str, ...]:
        return tuple(data.slices)

    def labelled(self, data: DataSpec) -> bool:
        return True

    def example(self, row: Row, data: DataSpec, labels: Sequence[str]) -> Example | Drop:
        columns = data.columns
        if columns.spans is not None:
            text = row_text(row, data)
            if isinstance(text, Drop):
                return text
            found = _given_spans(row.values[columns.spans], text)
        else:
            assert columns.tokens is not None  # `columns` has looked
            assert columns.tags is not None
            text, found = _tagged(row.values[columns.tokens], row.values[columns.tags], data.tags)
        if isinstance(found, str):
            return Drop(found, text[:200], row.provenance, missing="label" if found == NO_SPANS else None)
        spans = _outermost(_renamed(found, data.tags.labels))
        unknown = next((span.label for span in spans if labels and span.label not in labels), None)
        if unknown is not None:
            return Drop(f"label {unknown!r} is not declared", text, row.provenance, undeclared=unknown)
        slices = {name: str(row.values[name]) for name in data.slices}
        key = row.values[columns.id] if columns.id else row.provenance.row
        digest = hashlib.sha256(f"{row.provenance.source}\0{key}".encode()).hexdigest()[:16]
        return Example(digest, {"text": text}, "", row.provenance, slices=slices, spans=spans)

    def labels_in(self, example: Example) -> Sequence[str]:
        return [span.label for span in example.spans]

    def text(self, example: Example) -> str:
        return example.inputs["text"]

    def with_text(self, example: Example, text: str) -> Example:
        """Refuses: spans are positions in the text as it came, and so are those in the answers of the service."""
        if text == example.inputs["text"]:
            return replace(example)
        raise DataError(
            "a cleaning step changes the text, and its spans would no longer fit",
            where="data.clean",
            expected="steps that only drop texts",
            hint="set data.clean to [drop-empty], and clean the texts before they are annotated",
        )

    def served_cleaning(self, steps: Sequence[CleaningStep]) -> Sequence[CleaningStep]:
        return ()  # none of them has ever changed a text


def _tagged(tokens: Any, tags: Any, settings: Tags) -> tuple[str, list[Span] | str]:
    """The text that the words make, and its spans or why there are none."""
    its, their = word_list(tokens), word_list(tags)
    if its is None or their is None:
        return str(tokens), "words or tags are no list"
    text = settings.join.join(its)
    if len(its) != len(their):
        return text, "there are not as many tags as words"
    if not text.strip():
        return text, "there is no word"
    found: list[Chunk]
    if settings.scheme == "plain" or (settings.scheme == "auto" and not prefixed(their)):
        found = words(their, settings.merge)
    else:
        odd = None if settings.scheme == "auto" else stranger(their, settings.scheme)
        if odd is not None:
            return text, f"the tag {odd!r} is not of the scheme {settings.scheme}"
        found = chunks(their)
    starts, place = [], 0
    for token in its:
        starts.append(place)
        place += len(token) + len(settings.join)
    ends = [start + len(token) for start, token in zip(starts, its, strict=True)]
    return text, [Span(starts[first], ends[stop - 1], label) for first, stop, label in found]


def word_list(value: Any) -> list[str] | None:
    """A list column, a JSON list, or words with spaces between."""
    if isinstance(value, str):
        if not value.startswith("["):
            return value.split()
        try:
            found: Any = json.loads(value)
        except ValueError:
            return value.split()
        return word_list(found) if not isinstance(found, str) else None
    return [str(item) for item in value] if isinstance(value, Iterable) else None


def _given_spans(value: Any, text: str) -> list[Span] | str:
    """Spans from a cell, or why it gives none."""
    if isinstance(value, str) and value.strip():
        try:
            value = json.loads(value)
        except ValueError:
            return "spans are not a JSON list"
    if isinstance(value, str):
        return NO_SPANS if not value.strip() else "spans are not a JSON list"
    if not isinstance(value, Iterable):
        return NO_SPANS
    found = []
    for item in value:
        span = _span(item, text)
        if isinstance(span, str):
            return span
        found.append(span)
    return found


def _span(item: Any, text: str) -> Span | str:
    """One span from a list or a mapping, or why it is none."""
    named: Any = [item.get(key) for key in ("start", "end", "label")] if isinstance(item, Mapping) else item
    if not isinstance(named, Sequence) or len(named) != 3:
        return "a span is not start, end and label"
    start, end, label = named
    if not all(isinstance(bound, int) and not isinstance(bound, bool) for bound in (start, end)):
        return "a span's start or end is not a whole number"
    if not 0 <= start < end <= len(text):
        return "a span is not within the text"
    if not isinstance(label, str) or not label.strip():
        return "a span has no label"
    return Span(start, end, label.strip())


def _renamed(spans: Sequence[Span], names: Mapping[str, str]) -> list[Span]:
    """With a mapping, only the spans that it names, under their new names."""
    if not names:
        return list(spans)
    return [replace(span, label=names[span.label]) for span in spans if span.label in names]


def _outermost(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Spans that do not overlap, in order: of two that do, the longer one; of equally long ones the first."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start - span.end, span.start)):
        if all(span.end <= other.start or span.start >= other.end for other in kept):
            kept.append(span)
    return tuple(sorted(kept, key=lambda span: span.start))
