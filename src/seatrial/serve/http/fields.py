"""The fields of a request's JSON object: which there may be, and of which type; messages say what to send.

Refuses to know: what a field means.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from seatrial.errors import RequestError
from seatrial.serve.handlers import type_name

__all__ = ["flag", "number", "object_schema", "one_of", "only", "optional", "optional_text", "texts_schema", "whole"]


def only(body: Mapping[str, Any], known: Collection[str], *, required: str, hint: str) -> None:
    """Check the names of the fields: all known, and the required one there.

    Raises:
        RequestError: a name is unknown, or the required field is missing.
    """
    for name in body:
        if name not in known:
            raise RequestError(f"unknown field {name[:60]!r}", hint=hint)
    if required not in body:
        raise RequestError(f"the field {required!r} is missing", hint=hint)


def flag(body: Mapping[str, Any], name: str, default: bool) -> bool:
    """A field that is true, false, null or not there.

    Raises:
        RequestError: it is something else.
    """
    value = body.get(name)
    if value is None or isinstance(value, bool):
        return default if value is None else value
    raise RequestError(f"{name} is {type_name(value)}", hint=f"send {name} as true or false, or leave it out")


def whole(body: Mapping[str, Any], name: str) -> int | None:
    """A field that is a whole number, null or not there.

    Raises:
        RequestError: it is something else.
    """
    value = body.get(name)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise RequestError(f"{name} is no whole number", hint=f"send {name} as a number without a point, or leave it out")


def number(body: Mapping[str, Any], name: str, default: float) -> float:
    """A field that is a number, null or not there.

    Raises:
        RequestError: it is something else.
    """
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise RequestError(f"{name} is {type_name(value)}", hint=f"send {name} as a number, or leave it out")


def optional_text(body: Mapping[str, Any], name: str) -> str | None:
    """A field that is a string, null or not there.

    Raises:
        RequestError: it is something else.
    """
    value = body.get(name)
    if value is None or isinstance(value, str):
        return value
    raise RequestError(f"{name} is not a string", hint=f"send {name} in double quotes, or leave it out")


def one_of(body: Mapping[str, Any], name: str, choices: Collection[str], default: str) -> str:
    """A field that is one of a few words, null or not there.

    Raises:
        RequestError: it is something else.
    """
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, str) and value in choices:
        return value
    raise RequestError(f"{name} is none that there is", hint=f"send one of: {', '.join(choices)}")


def object_schema(properties: Mapping[str, Any], *, required: str) -> dict[str, Any]:
    """The JSON schema of an object with these fields and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": [required],
        "additionalProperties": False,
    }


def optional(schema: Mapping[str, Any], description: str) -> dict[str, Any]:
    """The schema of a field that may be null as well."""
    return {"anyOf": [dict(schema), {"type": "null"}], "description": description}


def texts_schema(max_texts: int, max_chars: int) -> dict[str, Any]:
    """The schema of a text, or of a list of them."""
    text = {"type": "string", "minLength": 1, "maxLength": max_chars}
    return {
        "anyOf": [text, {"type": "array", "items": text, "minItems": 1, "maxItems": max_texts}],
        "description": "One text, or a list of texts",
    }
