"""What a row says about its own split: the split itself, its group, its time. Refuses to know what is made of that."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from seatrial.spec.data_split import Split

__all__ = ["SplitKey", "Time", "given_split", "split_key", "time_of"]

NAMES = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
}
MONTH = re.compile(r"\d{4}-\d{2}")


@dataclass(frozen=True, slots=True)
class Time:
    """A point in time that can be put in order with others of its kind.

    Attributes:
        value: seconds since 1970 in UTC for a date, or the number itself.
        number: whether it was given as a number; numbers and dates have no common order.
    """

    value: float
    number: bool


@dataclass(frozen=True, slots=True)
class SplitKey:
    """What a row says: the split that its column names, its group, its time; None where the project asks for none."""

    given: str | None = None
    group: str | None = None
    time: Time | None = None


def given_split(value: object) -> str | None:
    """The split that a cell of `split.column` names, or None when it names none."""
    return NAMES.get(str(value).strip().lower())


def split_key(values: Mapping[str, Any], split: Split) -> SplitKey | str:
    """Read the columns that `split` names from a row, or say why it cannot be divided."""
    given: str | None = None
    group: str | None = None
    at: Time | None = None
    if split.column is not None:
        given = given_split(values[split.column])
        if given is None:
            return f"{split.column} names no split"
    if split.group is not None:
        value = values[split.group]
        missing = value is None or (isinstance(value, float) and math.isnan(value))
        group = "" if missing else str(value).strip()
        if not group:
            return f"{split.group} is missing"
    if split.time is not None:
        at = time_of(values[split.time])
        if at is None:
            return f"{split.time} is neither a date (ISO 8601) nor a number"
    return SplitKey(given, group, at)


def time_of(value: object) -> Time | None:
    """A cell as a time: a number, a date or date and time as Python has it, or ISO 8601 text; else None.

    What names no time zone counts as UTC. ``2024-05`` is the start of May.
    """
    if isinstance(value, datetime):
        return Time((value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp(), number=False)
    if isinstance(value, date):
        return time_of(datetime.combine(value, time()))
    text = "" if isinstance(value, bool) else str(value).strip()
    try:
        number = float(text)
    except ValueError:
        try:
            return time_of(datetime.fromisoformat(f"{text}-01" if MONTH.fullmatch(text) else text))
        except ValueError:
            return None
    return Time(number, number=True) if math.isfinite(number) else None
