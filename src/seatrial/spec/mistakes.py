"""One mistake that pydantic found in the project file → what a user is told about it, without pydantic's words."""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from seatrial.registry import did_you_mean

__all__ = ["Mistake", "describe"]

EXPECTED = {
    "model_type": "a section: lines of `key: value` below it",
    "model_attributes_type": "a section: lines of `key: value` below it",
    "dict_type": "a mapping, such as {key: value}",
    "list_type": "a list, such as [one, two]",
    "string_type": "a text; put it in quotes if it looks like a number",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "too_short": "at least one",
    "string_too_short": "at least one character",
    "string_too_long": "one character",
}
"""What each kind of mistake wanted instead."""

FORMS = {
    "name": "1 to 64 lower-case letters a to z, digits, dots, dashes or underscores, beginning with a letter or digit",
    "package": "a source package with its version, such as name==1.2.3",
    "sha256": "64 digits and letters a to f",
}
"""What a key with a fixed form wants, where a regular expression would say little."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """The parts of a `SpecError`; `where` is a dotted path."""

    where: str
    message: str
    expected: str | None = None
    hint: str | None = None


def describe(root: type[BaseModel], loc: tuple[int | str, ...], kind: str, message: str, value: Any) -> Mistake:
    """Say one problem of a pydantic `ValidationError` in the project file's terms.

    Args:
        root: the model of the whole file.
        loc: keys and list places that lead to the problem.
        kind: pydantic's type of error.
        message: pydantic's message.
        value: what was found there.
    """
    where = ".".join(map(str, loc)) or "the file"
    if kind == "extra_forbidden":
        return Mistake(where, f"unknown key {loc[-1]!r}", hint=did_you_mean(str(loc[-1]), _keys_at(root, loc[:-1])))
    keys = [step for step in loc if isinstance(step, str)]
    key = keys[-1] if keys else "name"
    hint = f"look up `{key}` in docs/project-file.md or in `seatrial schema`"
    if kind == "missing":
        return Mistake(where, "is required and missing", hint=f"add it; {hint}")
    if kind == "value_error":
        told, _, remedy = message.removeprefix("Value error, ").partition("; ")
        return Mistake(where, told, hint=remedy or hint)
    if kind == "string_pattern_mismatch":
        expected: str | None = FORMS.get(key)
    else:
        expected = EXPECTED.get(kind) or message.removeprefix("Input should be ")
    return Mistake(where, f"{_shown(value)} cannot be used", expected, hint)


def _shown(value: Any) -> str:
    if value is None:
        return "an empty value"
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 78 else text[:77] + "…"


def _keys_at(root: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """The keys that the section at `loc` knows."""
    kind: Any = root
    for step in loc:
        if isinstance(step, str) and isinstance(kind, type) and issubclass(kind, BaseModel):
            kind = kind.model_fields[step].annotation
        kind = _section_in(kind)
    return sorted(kind.model_fields) if isinstance(kind, type) and issubclass(kind, BaseModel) else []


def _section_in(kind: Any) -> Any:
    """The section class inside `list[Section]` or `Section | None`."""
    if typing.get_origin(kind) in (list, typing.Union, types.UnionType):
        for inner in typing.get_args(kind):
            found = _section_in(inner)
            if isinstance(found, type) and issubclass(found, BaseModel):
                return found
    return kind
