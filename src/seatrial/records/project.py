"""Where a project lies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["PROJECT_FILE", "Project"]

PROJECT_FILE = "seatrial.yaml"
"""What a project file is called unless a folder holds several."""


@dataclass(frozen=True, slots=True)
class Project:
    """A project file, and the folder that its paths start from."""

    root: Path
    file: Path

    @property
    def home(self) -> Path:
        """Where what is made of it goes: its folder for `seatrial.yaml`, the folder `NAME` beside it for `NAME.yaml`,
        so that several project files in one folder keep apart."""
        return self.root if self.file.name == PROJECT_FILE else self.root / self.file.stem

    @property
    def spelled(self) -> Path:
        """What to name to a command: the folder, or the file where it has a name of its own."""
        return self.root if self.file.name == PROJECT_FILE else self.file

    @property
    def store(self) -> Path:
        """Where artifacts live by digest."""
        return self.home / ".seatrial"

    @property
    def release(self) -> Path:
        """Where the accepted release is written."""
        return self.home / "release"
