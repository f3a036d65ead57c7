"""`--set a.b=c`: change one value of the project file for one run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seatrial.errors import SpecError
from seatrial.spec.yaml_file import parse_value

__all__ = ["apply_overrides"]


def apply_overrides(tree: Any, overrides: Sequence[str]) -> Any:
    """A copy of `tree` with each `dotted.path=value` put in place; list items are addressed by number.

    Raises:
        SpecError: no `=`, or a path that leads through a plain value.
    """
    for override in overrides:
        path, equals, text = override.partition("=")
        keys = path.strip().split(".")
        if not equals or not all(keys):
            raise SpecError(f"cannot read {override!r}", where="--set", expected="dotted.path=value")
        tree = _put(tree, keys, parse_value(text, f"--set {path}"), path)
    return tree


def _put(tree: Any, keys: Sequence[str], value: Any, path: str) -> Any:
    if not keys:
        return value
    key, rest = keys[0], keys[1:]
    if isinstance(tree, list):
        if not (key.isascii() and key.isdigit()) or int(key) >= len(tree):
            raise SpecError(
                f"{key!r} is not an item of a list of {len(tree)}",
                where=f"--set {path}",
                expected=f"a number from 0 to {len(tree) - 1}",
            )
        index = int(key)
        return [*tree[:index], _put(tree[index], rest, value, path), *tree[index + 1 :]]
    if tree is None:
        tree = {}
    if not isinstance(tree, dict):
        raise SpecError(f"there is nothing below {tree!r} to set", where=f"--set {path}")
    return {**tree, key: _put(tree.get(key), rest, value, path)}
