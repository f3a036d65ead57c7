"""Read YAML that a person wrote, safely: a size cap, no aliases, no tags, no duplicate keys; each mistake by its line.

Words stay words: a label or slice called `no`, `007` or `12:30` is what it says.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from seatrial.errors import SpecError
from seatrial.spec.yaml_problems import plain_error

__all__ = ["parse_value", "read_yaml"]

MAX_BYTES = 1_000_000
MAX_DEPTH = 32


class _Loader(yaml.SafeLoader):
    """SafeLoader that refuses aliases, deep nesting and duplicate keys."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.constructor.ConstructorError(
                None, None, "aliases (*name) are not allowed; write the value out", self._mark()
            )
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise yaml.constructor.ConstructorError(None, None, f"nested deeper than {MAX_DEPTH} levels", self._mark())
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def _mark(self) -> Any:
        return self.peek_event().start_mark  # type: ignore[no-untyped-call]  # PyYAML's stubs leave it untyped

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise yaml.constructor.ConstructorError(None, None, "a key must be a plain word", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"duplicate key {key!r}", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


OWN_RULES = {
    "bool": ("^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    "int": ("^(?:[-+]?(?:0|[1-9][0-9]*)|0o[0-7]+|0x[0-9a-fA-F]+)$", "-+0123456789"),
    "float": (
        (
            r"^(?:[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+"
            r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
        ),
        "-+.0123456789",
    ),
}
"""Plain words that are values, and the characters they start with. YAML 1.1, which PyYAML follows, also takes 12:30 for
750, 007 for 7 and no for false, and 1e-4 for a word."""

_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if tag.rpartition(":")[2] not in {*OWN_RULES, "timestamp"}]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _kind, (_pattern, _first) in OWN_RULES.items():
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_kind}", re.compile(_pattern), [*_first])


def read_yaml(path: Path) -> Any:
    """The value in a YAML file.

    Raises:
        SpecError: missing, too large, not UTF-8, or not YAML, with file and line.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise SpecError(
            "there is no such file",
            where=str(path),
            hint="write one with `seatrial init NAME --task text-classification`",
        ) from error
    except OSError as error:
        raise SpecError(
            f"cannot be read: {error.strerror}", where=str(path), hint="check the file and your right to read it"
        ) from error
    if len(raw) > MAX_BYTES:
        raise SpecError(
            "is too large for a project file",
            where=str(path),
            expected=f"at most {MAX_BYTES} bytes",
            hint="name the project's seatrial.yaml",
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise SpecError("is not UTF-8", where=f"{path}:{line}", hint="save the file as UTF-8") from error
    return _parse(text, str(path))


def parse_value(text: str, where: str) -> Any:
    """The value of one YAML expression, such as the right side of `--set`."""
    return _parse(text, where)


def _parse(text: str, where: str) -> Any:
    loader: _Loader | None = None
    try:
        loader = _Loader(text)
        return loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        raise plain_error(error, where) from error
    except yaml.YAMLError as error:
        hint = "retype the line; such characters are invisible and come from copying"
        raise SpecError("has a character that YAML does not allow", where=where, hint=hint) from error
    except ValueError as error:
        raise SpecError(f"has a value that cannot be read: {error}", where=where, hint="put it in quotes") from error
    finally:
        if loader is not None:
            loader.dispose()
