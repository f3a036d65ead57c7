"""Whether a JSON value fits a JSON Schema: the part of the standard that answers of language models need.

A keyword that is not known here is refused before anything runs, for a check that silently checks less would be
none. Values of strings are not looked into (`format`), and there are no references.

Source: JSON Schema, draft 2020-12, "Validation" §6 and "Core" §10.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from seatrial.errors import SpecError
from seatrial.registry import did_you_mean

__all__ = ["check_schema", "fits"]

TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}
SAID_ONLY = ("title", "description", "$schema", "$comment", "default", "examples")
KEYWORDS = (
    *("type", "enum", "const", "properties", "required", "additionalProperties", "items", "pattern", "anyOf"),
    *("minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems"),
)


def check_schema(schema: Any, where: str) -> None:
    """Refuse a schema that says what is not understood here.

    Args:
        schema: as the project file has it.
        where: its dotted path.

    Raises:
        SpecError: the first keyword that is not known, or has a value of another form.
    """
    if isinstance(schema, bool):
        return
    if not isinstance(schema, Mapping):
        raise SpecError(f"{schema!r} is no JSON Schema", where=where, expected="a mapping of keywords")
    for key, value in schema.items():
        if key not in (*KEYWORDS, *SAID_ONLY):
            raise SpecError(
                f"the keyword {key!r} of JSON Schema is not known here",
                where=f"{where}.{key}",
                hint=did_you_mean(str(key), KEYWORDS),
            )
        _check_value(key, value, f"{where}.{key}")


def fits(value: Any, schema: Any) -> bool:
    """Whether a value, as `json.loads` gives it, is one that the schema allows."""
    if isinstance(schema, bool):
        return schema
    return (
        _right_kind(value, schema)
        and _in_range(value, schema)
        and _right_members(value, schema)
        and ("anyOf" not in schema or any(fits(value, one) for one in schema["anyOf"]))
    )


def _check_value(key: str, value: Any, where: str) -> None:
    if key == "properties" and isinstance(value, Mapping):
        for name, inner in value.items():
            check_schema(inner, f"{where}.{name}")
    elif key == "anyOf" and isinstance(value, list):
        for place, inner in enumerate(value):
            check_schema(inner, f"{where}.{place}")
    elif key in ("items", "additionalProperties"):
        check_schema(value, where)
    elif key == "type":
        for kind in value if isinstance(value, list) else [value]:
            if kind not in TYPES:
                raise SpecError(f"{kind!r} is no type of JSON", where=where, hint=did_you_mean(str(kind), list(TYPES)))
    elif key in ("properties", "anyOf") or not isinstance(value, _form(key)):
        raise SpecError(f"{value!r} is no value of {key}", where=where)


def _form(key: str) -> tuple[type, ...]:
    if key in ("enum", "required"):
        return (list,)
    if key == "pattern":
        return (str,)
    return (int, float) if key.startswith(("min", "max")) else (object,)


def _right_kind(value: Any, schema: Mapping[str, Any]) -> bool:
    kinds = schema.get("type")
    if kinds is not None:
        named = kinds if isinstance(kinds, list) else [kinds]
        if not any(_is_of(value, kind) for kind in named):
            return False
    if "const" in schema and not _same(value, schema["const"]):
        return False
    return "enum" not in schema or any(_same(value, one) for one in schema["enum"])


def _is_of(value: Any, kind: str) -> bool:
    if isinstance(value, bool):  # Python counts it among the whole numbers
        return kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, TYPES[kind])


def _same(one: Any, other: Any) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _in_range(value: Any, schema: Mapping[str, Any]) -> bool:
    if isinstance(value, str):
        pattern = schema.get("pattern")
        return _between(len(value), schema, "Length") and (pattern is None or re.search(pattern, value) is not None)
    if isinstance(value, list):
        return _between(len(value), schema, "Items")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _between(value, schema, "imum")
    return True


def _between(value: float, schema: Mapping[str, Any], what: str) -> bool:
    return not (value < schema.get(f"min{what}", value) or value > schema.get(f"max{what}", value))


def _right_members(value: Any, schema: Mapping[str, Any]) -> bool:
    if isinstance(value, list):
        return all(fits(one, schema.get("items", True)) for one in value)
    if not isinstance(value, dict):
        return True
    properties = schema.get("properties", {})
    if any(name not in value for name in schema.get("required", ())):
        return False
    others = schema.get("additionalProperties", True)
    return all(fits(one, properties.get(name, others)) for name, one in value.items())
