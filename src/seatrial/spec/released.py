"""A path that means a project → the release of that project. Refuses to know what the release is for."""

from __future__ import annotations

from pathlib import Path

from seatrial.errors import ResolveError
from seatrial.records import PROJECT_FILE, Project
from seatrial.spec.load import find_project

__all__ = ["project_at", "release_at"]

ENDINGS = (".yaml", ".yml")


def project_at(path: Path) -> Project | None:
    """The project that a path means, or None where it means none.

    Args:
        path: a project file; a project's folder; the folder `NAME` beside a project file `NAME.yaml`, which need not be
            there yet; or the folder `release` in one of these. A folder that holds a model is that model.
    """
    if path.suffix in ENDINGS:
        return find_project(path) if path.is_file() else None
    if (path / "config.json").is_file():
        return None
    for home in (path, path.parent) if path.name == "release" else (path,):
        for file in (home / PROJECT_FILE, *(home.parent / f"{home.name}{ending}" for ending in ENDINGS)):
            if file.is_file():
                return find_project(file)
    return None


def release_at(path: Path, *, where: str) -> Path | None:
    """The release of the project that a path means, or None where it means no project.

    Args:
        path: as for `project_at`.
        where: the key that holds the path, for the message.

    Raises:
        ResolveError: a project that has released nothing, or a project file that is not there.
    """
    if path.suffix in ENDINGS and not path.exists():
        raise ResolveError("there is no such project file", where=where, expected=f"a file at {path}")
    project = project_at(path)
    if project is None or (project.release / "config.json").is_file():
        return None if project is None else project.release
    if (project.store / "trial.json").is_file():
        raise ResolveError(
            f"the project {project.spelled} has no release: its last trial did not meet its contract",
            where=where,
            hint=f"read why with `seatrial report {project.spelled}`, then change its data, training or contract",
        )
    raise ResolveError(
        f"the project {project.spelled} has no release yet",
        where=where,
        hint=f"run `seatrial run {project.spelled}` first",
    )
