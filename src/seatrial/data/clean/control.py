"""Control characters and characters that nobody sees, out of texts; lines stay lines, unlike in `normalize-space`."""

from __future__ import annotations

import re

from seatrial.data.clean.base import CleanStep

__all__ = ["StripControl"]

# The zero-width joiner and non-joiner stay: emoji sequences and Persian spelling need them.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]")
INVISIBLE = re.compile("[\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]")
TERMINAL = re.compile("\x1b\\[[0-9;?]{0,32}[ -/]{0,4}[@-~]")


class StripControl(CleanStep):
    """Takes out control characters but tabs and line breaks, and the codes that colour a terminal."""

    invisible: bool = True
    """Whether characters without a shape go too: soft hyphens, marks of direction, byte order marks."""

    def __call__(self, text: str) -> str:
        """The text without them."""
        cleaned = CONTROL.sub("", TERMINAL.sub("", text)).replace("\r\n", "\n") if not text.isprintable() else text
        return INVISIBLE.sub("", cleaned) if self.invisible and not cleaned.isascii() else cleaned
