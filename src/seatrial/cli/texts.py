"""The texts that `seatrial predict` is given, checked as the service checks them, and shown on one line each."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from seatrial.errors import DataError
from seatrial.serve.usable import MAX_TEXT_CHARS, fault_of

__all__ = ["given_texts", "lines_of", "on_one_line"]

MAX_LINE_BYTES = 4 * MAX_TEXT_CHARS + 2
"""The longest usable text in UTF-8, with its line ending; more of a line is never held in memory."""
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""Characters that would break a line or a table, or command the terminal."""


def given_texts(texts: Sequence[str]) -> Iterator[str]:
    """The arguments as the shell gave them.

    Raises:
        DataError: one that is not UTF-8, is empty or is too long.
    """
    for place, text in enumerate(texts, 1):
        yield _usable(os.fsencode(text), f"text {place}")


def lines_of(stream: BinaryIO) -> Iterator[str]:
    """One text per line, without its line ending.

    Raises:
        DataError: a line that is not UTF-8, is empty or is too long, with its number.
    """
    number = 0
    while line := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        where = f"stdin:{number}"
        if len(line) > MAX_LINE_BYTES:
            raise DataError("is too long", where=where, hint=f"send at most {MAX_TEXT_CHARS} characters in a text")
        yield _usable(line.removesuffix(b"\n").removesuffix(b"\r"), where)


def on_one_line(text: str) -> str:
    """The text with line breaks, tabs and other control characters as escapes such as ``\\n``."""
    return CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def _usable(raw: bytes, where: str) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError("is not UTF-8", where=where, hint="convert it, for example with iconv -t UTF-8") from error
    fault = fault_of(text, MAX_TEXT_CHARS)
    if fault:
        raise DataError(fault[0], where=where, hint=fault[1])
    return text
