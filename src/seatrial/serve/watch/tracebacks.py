"""What the log tells of an error: where it was raised, and its message if that cannot quote a request.

Refuses to know: how a line is written.
"""

from __future__ import annotations

import traceback

from seatrial.errors import RequestError, SeatrialError

__all__ = ["told_traceback"]

OPEN_ERRORS = (SeatrialError, OSError, MemoryError)
"""Errors whose messages cannot quote a request. onnxruntime's cannot either: it is given numbers only."""

WITHHELD = "(message withheld, it may quote a request; log_texts shows it)"


def told_traceback(error: BaseException, texts: bool) -> str:
    """Where an error and what led to it were raised, in Python's own form.

    Args:
        error: what was raised.
        texts: whether every message may be shown. If not, only those that cannot quote a request are.
    """
    if texts:
        return "".join(traceback.format_exception(error))
    chain: list[BaseException] = []
    earlier: BaseException | None = error
    while earlier is not None and earlier not in chain:
        chain.append(earlier)
        earlier = earlier.__cause__ or (None if earlier.__suppress_context__ else earlier.__context__)
    parts = []
    for one in reversed(chain):
        kind = type(one)
        message = str(one) if _cannot_quote(one) else WITHHELD
        frames = "".join(traceback.format_tb(one.__traceback__))
        parts.append(f"Traceback (most recent call last):\n{frames}{kind.__module__}.{kind.__qualname__}: {message}\n")
    return "\nthen:\n\n".join(parts)


def _cannot_quote(error: BaseException) -> bool:
    """Whether the message of an error cannot hold a piece of a request."""
    if isinstance(error, RequestError):
        return False
    return isinstance(error, OPEN_ERRORS) or type(error).__module__.partition(".")[0] == "onnxruntime"
