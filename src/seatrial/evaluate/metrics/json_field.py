"""How often a field of a JSON answer has the value that it has in the true answer.

`json_field.sentiment` looks at the field `sentiment` of the object, `json_field.customer.id` at one within another.
`json_field` alone is the share of all fields of the true answer that are right. An answer that is no JSON has none.
Examples whose true answer lacks the field do not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from seatrial.evaluate.metrics.base import Floats, Indices
from seatrial.evaluate.metrics.texts import TextMetric, json_of
from seatrial.evaluate.text_rows import texts_of

__all__ = ["JSON_FIELD", "JsonField"]

ABSENT = object()


class JsonField(TextMetric):
    """See the module.

    Args:
        field: its name, or the names on the way to it with dots between them; None: every field of the true answer.
    """

    def __init__(self, field: str | None = None) -> None:
        self.name = "json_field" if field is None else f"json_field.{field}"
        self._path = None if field is None else field.split(".")

    def of(self, argument: str) -> JsonField:
        """The metric of one field, by what follows `json_field.`."""
        return JsonField(argument)

    def values(self, written: Floats, wanted: Indices) -> Floats:
        """See `TextMetric.values`."""
        pairs = zip(texts_of(written), texts_of(wanted), strict=True)
        return np.array([self._right(json_of(ours)[1], json_of(theirs)[1]) for ours, theirs in pairs])

    def _right(self, ours: Any, theirs: Any) -> float:
        if self._path is None:
            fields = list(theirs) if isinstance(theirs, dict) else []
            right = [_same(_at(ours, [name]), theirs[name]) for name in fields]
            return sum(right) / len(right) if right else float("nan")
        value = _at(theirs, self._path)
        return float("nan") if value is ABSENT else float(_same(_at(ours, self._path), value))


def _at(value: Any, path: Sequence[str]) -> Any:
    for name in path:
        if not isinstance(value, dict) or name not in value:
            return ABSENT
        value = value[name]
    return value


def _same(one: Any, other: Any) -> bool:
    """Equal, and of one kind: Python's True is equal to 1."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


JSON_FIELD = JsonField()
