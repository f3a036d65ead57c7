"""One lazy registry for everything that can be added: tasks, metrics, sources, cleaning steps, compression methods …

A registry maps a name to an import path; nothing is imported until it is asked for. Third parties add their own by an
entry point in the registry's group, and built-in methods are reached through the same door.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from typing import Generic, TypeVar

from seatrial.errors import SeatrialError, SpecError

__all__ = ["Registry", "did_you_mean"]

T = TypeVar("T")


def did_you_mean(name: str, known: Mapping[str, object] | list[str] | tuple[str, ...]) -> str | None:
    """A hint with the nearest known name, or with all of them when none is near; None if nothing is known."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    return "choose one of: " + ", ".join(names) if names else None


class Registry(Generic[T]):
    """Name → object, imported on first use.

    Args:
        kind: what the names are, singular, for messages: ``"metric"``.
        group: entry-point group that third parties use: ``"seatrial.metrics"``.
        builtin: name → ``"module:attribute"``.
    """

    def __init__(self, kind: str, group: str, builtin: Mapping[str, str]) -> None:
        self.kind = kind
        self.group = group
        self._builtin = dict(builtin)
        self._loaded: dict[str, T] = {}
        self._paths: dict[str, str] | None = None

    @property
    def paths(self) -> Mapping[str, str]:
        """Every known name with its import path; built-in names cannot be taken over by a plugin."""
        if self._paths is None:
            plugins = {point.name: point.value for point in entry_points(group=self.group)}
            self._paths = {**plugins, **self._builtin}
        return self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self.paths))

    def __contains__(self, name: object) -> bool:
        return name in self.paths

    def get(self, name: str, *, where: str | None = None) -> T:
        """The object called `name`.

        Args:
            name: registered name.
            where: dotted path in the project file, for the message.

        Raises:
            SpecError: no such name, with the nearest one.
            SeatrialError: a plugin's import path is broken, or something that it imports is not installed.
        """
        if name in self._loaded:
            return self._loaded[name]
        path = self.paths.get(name)
        if path is None:
            raise SpecError(f"unknown {self.kind} {name!r}", where=where, hint=did_you_mean(name, dict(self.paths)))
        module_name, _, attribute = path.partition(":")
        try:
            module = importlib.import_module(module_name)
        except ImportError as error:
            raise SeatrialError(
                f"{self.kind} {name!r} cannot be loaded from {path!r}: {error}",
                where=where,
                hint="install what it needs, or remove the plugin that brings it",
            ) from error
        try:
            found: T = getattr(module, attribute)
        except AttributeError as error:
            raise SeatrialError(f"{self.kind} {name!r} points to {path!r}, which does not exist") from error
        self._loaded[name] = found
        return found
