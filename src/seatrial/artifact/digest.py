"""SHA-256 of files, folders and plain JSON values."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

__all__ = ["file_digest", "folder_files", "json_digest"]


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes as 64 hex digits, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def folder_files(folder: Path, *, leave_out: frozenset[str] = frozenset()) -> dict[str, str]:
    """Relative path (with forward slashes) → SHA-256 of every file below `folder`, sorted by path."""
    return {
        path.relative_to(folder).as_posix(): file_digest(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).as_posix() not in leave_out
    }


def json_digest(value: Any) -> str:
    """SHA-256 of a plain JSON value in one canonical form (sorted keys, no spaces)."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
