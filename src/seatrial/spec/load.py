"""From a project file and overrides to a `ProjectSpec`, with every mistake named by its dotted path."""

from __future__ import annotations

import types
import typing
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from seatrial.errors import SpecError
from seatrial.records import Project
from seatrial.registry import did_you_mean
from seatrial.spec.overrides import apply_overrides
from seatrial.spec.project import ProjectSpec
from seatrial.spec.yaml_file import read_yaml

__all__ = ["find_project", "load_spec", "parse_spec", "project_schema"]

FILE_NAME = "seatrial.yaml"


def find_project(path: Path) -> Project:
    """The project in a folder, or the one a given project file describes.

    Raises:
        SpecError: there is none.
    """
    if path.is_dir() and (path / FILE_NAME).is_file():
        return Project(path.resolve(), (path / FILE_NAME).resolve())
    if path.is_file():
        return Project(path.resolve().parent, path.resolve())
    raise SpecError(
        f"there is no {FILE_NAME}" if path.is_dir() else "there is no such folder",
        where=str(path),
        hint="name a project folder, or make one with `seatrial init NAME --task text-classification`",
    )


def load_spec(path: Path, overrides: Sequence[str] = ()) -> ProjectSpec:
    """Read, override and validate a project file.

    Args:
        path: the YAML file.
        overrides: `dotted.path=value` strings, applied in order.

    Raises:
        SpecError: the first mistake, and how many more there are.
    """
    return parse_spec(apply_overrides(read_yaml(path), overrides), str(path))


def parse_spec(tree: Any, source: str) -> ProjectSpec:
    """Validate a plain tree; `source` names it in messages."""
    if not isinstance(tree, dict):
        raise SpecError("is not a project", where=source, expected="a mapping with name, data and requirements")
    try:
        return ProjectSpec.model_validate(tree)
    except ValidationError as error:
        raise _spec_error(error, source) from None


def project_schema() -> dict[str, Any]:
    """JSON Schema of the project file, for editors and other programs."""
    schema = ProjectSpec.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "seatrial.yaml", **schema}


def _spec_error(error: ValidationError, source: str) -> SpecError:
    problems = error.errors(include_url=False, include_context=False)
    lines = [_describe(problem["loc"], problem["type"], problem["msg"], problem["input"]) for problem in problems]
    (where, message, expected, hint), *more = lines
    if more:
        others = ", ".join(dict.fromkeys(line[0] for line in more))
        message += f" (and {len(more)} more: {others})" if len(more) < 6 else f" (and {len(more)} more)"
    return SpecError(message, where=f"{source}: {where}", expected=expected, hint=hint)


def _describe(
    loc: tuple[int | str, ...], kind: str, message: str, value: Any
) -> tuple[str, str, str | None, str | None]:
    """Dotted path, message, what was expected, hint."""
    where = ".".join(map(str, loc)) or "the file"
    if kind == "extra_forbidden":
        return where, f"unknown key {loc[-1]!r}", None, did_you_mean(str(loc[-1]), _keys_at(loc[:-1]))
    if kind == "missing":
        return where, "is required and missing", None, "add it; `seatrial schema` shows every key"
    if kind == "value_error":
        return where, message.removeprefix("Value error, "), None, None
    text = repr(value)
    return (
        where,
        f"{text[:77] + '…' if len(text) > 78 else text} cannot be used",
        message[0].lower() + message[1:],
        None,
    )


def _keys_at(loc: tuple[int | str, ...]) -> list[str]:
    """The keys that the section at `loc` knows."""
    kind: Any = ProjectSpec
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
