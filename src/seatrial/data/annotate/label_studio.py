"""Tasks of Label Studio ↔ items with answers: its JSON form, one choice per annotation, any number of annotations.

Refuses to know: stores and pages.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatrial.data.annotate.store import Item
from seatrial.errors import DataError
from seatrial.registry import did_you_mean

__all__ = ["Annotation", "LabelledItem", "read_tasks", "task_of"]

OWN = "seatrial_item"
"""Key in a task's data that keeps an item's name when a task comes back; Label Studio gives tasks ids of its own."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """One rater's answer; an empty label is a skip."""

    rater: str
    label: str
    took_s: float = 0.0


@dataclass(frozen=True, slots=True)
class LabelledItem:
    """A task: what it is about and what was said."""

    item: Item
    annotations: tuple[Annotation, ...]


def read_tasks(path: Path, *, text: str | None = None) -> Iterator[LabelledItem]:
    """The tasks of a file that Label Studio exported as JSON, or that was made for its import.

    Args:
        path: the file.
        text: the key of the text in each task's data; None takes `text`, or the only text there.

    Raises:
        DataError: the file is no such JSON, a task has no text, or an annotation is no single choice.
    """
    try:
        tasks = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"cannot be read as JSON: {error}", where=str(path), hint="export it as JSON") from error
    if not isinstance(tasks, list) or not tasks:
        raise DataError("holds no list of tasks", where=str(path), expected="what Label Studio exports as JSON")
    for place, task in enumerate(tasks, start=1):
        yield _task(task, f"{path}, task {place}", place, text)


def task_of(item: Item, text: str, annotations: Iterable[Annotation]) -> dict[str, Any]:
    """A task for the import of Label Studio.

    Args:
        item: what it is about.
        text: the key of the text in its data; a labelling interface names it as `$text`.
        annotations: the answers. Raters are kept as `rater`: Label Studio takes `completed_by` for accounts of its own.
    """
    result = [_annotation(it, text) for it in annotations]
    return {"data": {**item.values, text: item.text, OWN: item.id}, "annotations": result}


def _annotation(given: Annotation, text: str) -> dict[str, Any]:
    choice = {"type": "choices", "from_name": "label", "to_name": text, "value": {"choices": [given.label]}}
    return {
        "rater": given.rater,
        "was_cancelled": not given.label,
        "lead_time": given.took_s,
        "result": [choice] if given.label else [],
    }


def _task(task: Any, where: str, place: int, text: str | None) -> LabelledItem:
    data = task.get("data") if isinstance(task, Mapping) else None
    if not isinstance(data, Mapping):
        raise DataError("has no data", where=where, expected='an object with "data"')
    data = dict(data)
    name = str(data.pop(OWN, task.get("id", place)))
    key = _text_key(data, text, where)
    given = task.get("annotations") or []
    if not isinstance(given, list):
        raise DataError("its annotations are no list", where=where)
    raters: dict[str, Annotation] = {}
    for annotation in given:
        if not isinstance(annotation, Mapping):
            raise DataError("has an annotation that is no object", where=where)
        rater = _rater(annotation)
        if rater in raters:
            raise DataError(f"{rater!r} annotated it twice", where=where, hint="keep the last one")
        raters[rater] = Annotation(rater, _choice(annotation, where), _seconds(annotation.get("lead_time")))
    return LabelledItem(Item(name, data[key], data), tuple(raters.values()))


def _text_key(data: Mapping[str, Any], text: str | None, where: str) -> str:
    texts = [name for name, value in data.items() if isinstance(value, str)]
    wanted = text or ("text" if "text" in texts or len(texts) != 1 else texts[0])
    if wanted not in texts:
        raise DataError(
            f"its data have no text {wanted!r}",
            where=where,
            expected=f"one of {', '.join(map(repr, texts[:20])) or 'several texts'}",
            hint=did_you_mean(wanted, texts) or "name it with --text",
        )
    return wanted


def _choice(annotation: Mapping[str, Any], where: str) -> str:
    """The one label of an annotation, or nothing where it was skipped."""
    result = annotation.get("result") or []
    if annotation.get("was_cancelled") or not result:
        return ""
    found = [
        choice
        for part in (result if isinstance(result, list) else [])
        if isinstance(part, Mapping) and part.get("type") == "choices" and isinstance(part.get("value"), Mapping)
        for choice in part["value"].get("choices") or []
    ]
    if len(found) != 1 or not isinstance(found[0], str):
        raise DataError(
            f"an annotation has {len(found)} choices",
            where=where,
            expected="one: labels that exclude each other",
            hint='export a project whose <Choices> has choice="single"',
        )
    return found[0]


def _rater(annotation: Mapping[str, Any]) -> str:
    """Who it was: our own name, else the account's address or number."""
    by = annotation.get("rater", annotation.get("completed_by"))
    if isinstance(by, Mapping):
        by = by.get("email") or by.get("id")
    return str(by) if by not in (None, "") else "unknown"


def _seconds(lead_time: Any) -> float:
    return float(lead_time) if isinstance(lead_time, (int, float)) and lead_time >= 0 else 0.0
