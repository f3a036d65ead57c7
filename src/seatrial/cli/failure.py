"""Any exception → the one short message a user gets. What a stage knows about its failures it has typed itself; here
is what can go wrong anywhere: no permission, no space, no memory, and faults of our own.
"""

from __future__ import annotations

import errno

from seatrial.errors import SeatrialError

__all__ = ["explained"]

SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
ACCESS = {errno.EACCES, errno.EPERM, errno.EROFS}
HANDLES = {errno.EMFILE, errno.ENFILE}
DEBUG = "run it again with --debug to see where"


def explained(error: Exception) -> SeatrialError:
    """The error in the form that every command shows, with what to do next."""
    if isinstance(error, SeatrialError):
        return error
    if isinstance(error, MemoryError):
        return SeatrialError("there is not enough memory", hint="close other programs, or lower training.batch_tokens")
    if isinstance(error, OSError):
        where = error.filename if isinstance(error.filename, str) else None
        return SeatrialError((error.strerror or str(error)).lower(), where=where, hint=_remedy(error.errno))
    first_line = (str(error).strip().splitlines() or [""])[0]
    return SeatrialError(
        f"{type(error).__name__}: {first_line[:300]}",
        where="a fault in Seatrial or in a package it uses",
        hint="run it again with --debug and report what it prints",
    )


def _remedy(number: int | None) -> str:
    if number in SPACE:
        return "free some space and run the same command again; finished stages are kept"
    if number in ACCESS:
        return "check that you may read and write there"
    if number in HANDLES:
        return "too many files are open: raise the limit (ulimit -n) or close other programs"
    return DEBUG
