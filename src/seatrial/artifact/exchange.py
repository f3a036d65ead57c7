"""Swap two folders in one step where the operating system can, so that no moment exists in which either is missing.

Refuses to know what the folders hold, and what to do where it cannot be done.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

__all__ = ["exchange"]

AT_FDCWD = -100
SWAP = 2
"""RENAME_EXCHANGE of Linux and RENAME_SWAP of macOS have the same value."""


def exchange(one: Path, other: Path) -> bool:
    """Give two existing paths of one file system each other's content, atomically.

    Args:
        one: a file or folder.
        other: another one.

    Returns:
        Whether it was done. False where the system, its C library or the file system has no such call, and where it
        fails; then both are as they were.
    """
    if sys.platform not in {"linux", "darwin"}:
        return False
    library = ctypes.CDLL(None, use_errno=True)
    first, second = os.fsencode(one), os.fsencode(other)
    try:
        if sys.platform == "darwin":
            failed = library.renamex_np(first, second, ctypes.c_uint(SWAP))
        else:
            failed = library.renameat2(AT_FDCWD, first, AT_FDCWD, second, ctypes.c_uint(SWAP))
    except AttributeError:  # a C library from before the call
        return False
    return not failed
