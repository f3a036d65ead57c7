"""Whether a text can be answered at all: the same rule for the service and for `seatrial predict`.

Refuses to know: models, and how the text came.
"""

from __future__ import annotations

import re

__all__ = ["MAX_TEXT_CHARS", "fault_of"]

MAX_TEXT_CHARS = 20_000
"""Far beyond what a model of this kind reads."""
VISIBLE = re.compile(
    r"[^\s\x00-\x1f\x7f-\x9f"
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Anything but spaces, control characters and Unicode's Default_Ignorable_Code_Point, which nobody sees."""
VISIBLE_HINT = "send a text with at least one visible character"


def fault_of(text: str, max_chars: int) -> tuple[str, str] | None:
    """What is wrong with a text, as "is …" or "has …", and what to send instead; None if nothing is."""
    if not text or text.isspace():
        return "is empty", VISIBLE_HINT
    if len(text) > max_chars:
        return f"has {len(text)} characters", f"send at most {max_chars} characters in a text"
    if not VISIBLE.search(text):
        return "has no visible character", VISIBLE_HINT
    try:
        text.encode()
    except UnicodeEncodeError:  # JSON can spell half a surrogate pair, which no tokenizer can read
        return (
            "holds half of a surrogate pair, which is not a character",
            "send characters beyond U+FFFF as UTF-8, or as a pair of \\u escapes",
        )
    return None
