from __future__ import annotations

from typing import Any

import pytest

from seatrial.errors import SpecError
from seatrial.evaluate.json_schema import check_schema, fits

TICKET = {
    "type": "object",
    "required": ["mood"],
    "additionalProperties": False,
    "properties": {
        "mood": {"enum": ["good", "bad"]},
        "count": {"type": "integer", "minimum": 1, "maximum": 5},
        "tags": {"type": "array", "items": {"type": "string", "minLength": 2}, "maxItems": 2},
        "code": {"type": ["string", "null"], "pattern": "^[A-Z]+$"},
        "size": {"anyOf": [{"const": 1}, {"type": "string"}]},
    },
}


@pytest.mark.parametrize(
    ("value", "allowed"),
    [
        ({"mood": "good"}, True),
        ({"mood": "good", "count": 5, "tags": ["ab"], "code": "A", "size": 1}, True),
        ({"mood": "good", "count": 2.0, "code": None, "size": "x"}, True),
        ({}, False),
        ([], False),
        ({"mood": "so-so"}, False),
        ({"mood": "good", "more": 1}, False),
        ({"mood": "good", "count": 0}, False),
        ({"mood": "good", "count": 2.5}, False),
        ({"mood": "good", "count": True}, False),
        ({"mood": "good", "tags": ["a"]}, False),
        ({"mood": "good", "tags": ["ab", "cd", "ef"]}, False),
        ({"mood": "good", "code": "a"}, False),
        ({"mood": "good", "size": True}, False),
    ],
)
def test_a_value_fits_or_does_not(value: Any, allowed: bool) -> None:
    check_schema(TICKET, "here")
    assert fits(value, TICKET) == allowed


@pytest.mark.parametrize(
    ("schema", "where"),
    [
        ({"requird": ["a"]}, "s.requird"),
        ({"properties": {"a": {"format": "date"}}}, "s.properties.a.format"),
        ({"type": "text"}, "s.type"),
        ({"required": "a"}, "s.required"),
        ({"items": 3}, "s.items"),
        ({"anyOf": {"type": "null"}}, "s.anyOf"),
        ({"minimum": "1"}, "s.minimum"),
        ("object", "s"),
    ],
)
def test_what_is_not_understood_is_refused(schema: Any, where: str) -> None:
    with pytest.raises(SpecError) as error:
        check_schema(schema, "s")
    assert error.value.where == where
