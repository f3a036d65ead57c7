"""What the contract tests look at: the checkout, its tracked files and the modules of the package."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

__all__ = ["PACKAGE", "ROOT", "module_name", "modules", "parsed", "python_files", "tracked_files"]

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "seatrial"


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file that git knows or would add; ignored files are nobody's business here."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(path for name in listed.split("\0") if name and (path := ROOT / name).is_file())


def python_files() -> tuple[Path, ...]:
    """Every tracked Python file."""
    return tuple(path for path in tracked_files() if path.suffix == ".py")


def modules() -> tuple[Path, ...]:
    """Every tracked module of the package."""
    return tuple(path for path in python_files() if path.is_relative_to(PACKAGE))


def module_name(path: Path) -> str:
    """`src/seatrial/data/split.py` → `seatrial.data.split`."""
    parts = path.relative_to(ROOT / "src").with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def parsed(path: Path) -> ast.Module:
    """The file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
