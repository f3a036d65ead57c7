"""From a project file and overrides to a `ProjectSpec`, with every mistake named by its dotted path."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from seatrial.errors import SpecError
from seatrial.records import PROJECT_FILE, Project
from seatrial.spec.mistakes import Mistake, describe
from seatrial.spec.overrides import apply_overrides
from seatrial.spec.project import ProjectSpec
from seatrial.spec.yaml_file import read_yaml

__all__ = ["find_project", "load_spec", "parse_spec", "project_schema"]


def find_project(path: Path) -> Project:
    """The project in a folder, or the one a given project file describes.

    Raises:
        SpecError: there is none.
    """
    if path.is_dir() and (path / PROJECT_FILE).is_file():
        return Project(path.resolve(), (path / PROJECT_FILE).resolve())
    if path.is_file():
        return Project(path.resolve().parent, path.resolve())
    raise SpecError(
        f"there is no {PROJECT_FILE}" if path.is_dir() else "there is no such folder",
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
    found = error.errors(include_url=False, include_context=False)
    found.sort(key=lambda problem: problem["type"] != "extra_forbidden")  # a misspelt key is why another is missing
    first, *more = [describe(ProjectSpec, one["loc"], one["type"], one["msg"], one["input"]) for one in found]
    return SpecError(
        first.message + _others(more), where=f"{source}: {first.where}", expected=first.expected, hint=first.hint
    )


def _others(more: Sequence[Mistake]) -> str:
    if not more:
        return ""
    places = ", ".join(dict.fromkeys(mistake.where for mistake in more))
    return f" (and {len(more)} more: {places})" if len(more) < 6 else f" (and {len(more)} more)"
