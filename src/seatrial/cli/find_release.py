"""From what a user names to a release folder: the folder itself, or the one inside a project."""

from __future__ import annotations

from pathlib import Path

from seatrial.errors import ArtifactError

__all__ = ["find_release"]


def find_release(path: Path) -> Path:
    """The release folder at `path` or at `path/release`.

    Raises:
        ArtifactError: neither holds a release.
    """
    for folder in (path, path / "release"):
        if (folder / "manifest.json").is_file():
            return folder
    raise ArtifactError(
        "there is no release",
        where=str(path),
        expected="a folder with manifest.json",
        hint=f"make one with `seatrial run {path}`" if (path / "seatrial.yaml").is_file() else "check the path",
    )
