"""Whether a text can be answered at all: the same rule for the service and for `seatrial predict`.

Refuses to know: models, and how the text came.
"""

from __future__ import annotations

__all__ = ["MAX_TEXT_CHARS", "fault_of"]

MAX_TEXT_CHARS = 20_000
"""Far beyond what a model of this kind reads."""


def fault_of(text: str, max_chars: int) -> tuple[str, str] | None:
    """What is wrong with a text, as "is …" or "has …", and what to send instead; None if nothing is."""
    if not text or text.isspace():
        return "is empty", "send a text with at least one visible character"
    if len(text) > max_chars:
        return f"has {len(text)} characters", f"send at most {max_chars} characters in a text"
    try:
        text.encode()
    except UnicodeEncodeError:  # JSON can spell half a surrogate pair, which no tokenizer can read
        return (
            "holds half of a surrogate pair, which is not a character",
            "send characters beyond U+FFFF as UTF-8, or as a pair of \\u escapes",
        )
    return None
