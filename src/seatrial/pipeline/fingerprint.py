"""A stage's fingerprint: everything that shapes its result, as parts that can be compared and explained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import seatrial
from seatrial.artifact.digest import file_digest, json_digest
from seatrial.artifact.machine import versions
from seatrial.pipeline.stages.base import Stage
from seatrial.spec.project import ProjectSpec

__all__ = ["Fingerprint", "changes", "fingerprint"]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The parts and their digest."""

    parts: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """64 hex digits that stand for all parts."""
        return json_digest(self.parts)


def fingerprint(stage: Stage, spec: ProjectSpec, root: Path, inputs: Mapping[str, str]) -> Fingerprint:
    """What would shape `stage` now.

    Args:
        stage: the stage.
        spec: the resolved project file.
        root: the project's folder.
        inputs: stage name → digest of each artifact it reads.
    """
    return Fingerprint(
        {
            "spec": stage.section(spec),
            "sources": stage.sources(spec, root),
            "inputs": dict(inputs),
            "versions": versions(stage.packages),
            "code": {room: _code_digest(room) for room in (*stage.rooms, f"pipeline/stages/{stage.name}.py")},
        }
    )


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What differs between two sets of parts, one readable line each."""
    lines = [f"{path}: {_show(old)} → {_show(new)}" for path, old, new in _differences(before["spec"], now["spec"])]
    for part, text in (("sources", "{} changed"), ("inputs", "{} gave a new result"), ("code", "code in {}")):
        names = sorted(before[part].keys() | now[part].keys())
        lines += [text.format(name) for name in names if before[part].get(name) != now[part].get(name)]
    found = _differences(before.get("versions", {}), now["versions"])
    return lines + [f"{package} {old or 'none'} → {new or 'none'}" for package, old, new in found]


@cache
def _code_digest(room: str) -> str:
    """Digest of a room's Python files. Comments count too: telling them apart is not worth being wrong once."""
    path = Path(seatrial.__file__).parent / room
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return json_digest({file.relative_to(path.parent).as_posix(): file_digest(file) for file in files})


def _differences(old: Any, new: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from _differences(old.get(key), new.get(key), f"{path}.{key}" if path else key)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (a, b) in enumerate(zip(old, new, strict=True)):
            yield from _differences(a, b, f"{path}.{index}")
    elif old != new:
        yield path, old, new


def _show(value: Any) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 40 else text[:37] + "…"
