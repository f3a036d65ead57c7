"""Files and folders that are being written: beside their place, locked by who writes them, swept when nobody does.

The lock goes with the process, however it ends. Where there are no such locks nothing is swept. Refuses to know what
is written.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from pathlib import Path

__all__ = ["TEMPORARY", "is_unfinished", "sweep_unfinished", "unfinished"]

TEMPORARY = ".tmp"
RANDOM = r"[0-9a-z_]{8}"
NAME = re.compile(rf"\..+\.{RANDOM}{re.escape(TEMPORARY)}", re.DOTALL)


def unfinished(target: Path, *, folder: bool = False, mode: int = 0o666) -> tuple[Path, int]:
    """A new file or folder beside `target`, named after it, and an open handle that holds its lock until closed.

    Args:
        target: what it will become.
        folder: make a folder instead of a file.
        mode: permissions of a file, of which the umask takes away.

    Raises:
        OSError: it cannot be made.
    """
    while True:
        path = target.with_name(f".{target.name}.{secrets.token_hex(4)}{TEMPORARY}")
        try:
            if folder:
                path.mkdir()
                handle = os.open(path, os.O_RDONLY)
            else:
                handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
        except FileExistsError:
            continue
        except FileNotFoundError:
            if folder and target.parent.is_dir():  # swept before it could be opened
                continue
            raise
        _lock(handle, wait=True)
        if _is_at(handle, path):
            return path, handle
        os.close(handle)  # swept before it was locked


def sweep_unfinished(target: Path) -> None:
    """Remove what killed writers of `target` left. What another process is writing now stays."""
    own = re.compile(rf"\.{re.escape(target.name)}\.{RANDOM}{re.escape(TEMPORARY)}")
    for name in os.listdir(target.parent):  # noqa: PTH208 - a Path for each of many files is slow
        if own.fullmatch(name):
            _remove_unlocked(target.with_name(name))


def is_unfinished(path: Path) -> bool:
    """Whether a file's name is that of one that is being written."""
    return NAME.fullmatch(path.name) is not None


def _remove_unlocked(path: Path) -> None:
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError:  # gone, or not ours
        return
    try:
        if _lock(handle, wait=False):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
    finally:
        os.close(handle)


def _lock(handle: int, *, wait: bool) -> bool:
    """Whether the lock is held now. Without `wait` also False where there are no such locks."""
    try:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):
        return False
    return True


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False
