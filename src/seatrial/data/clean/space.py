"""One form for what looks the same: composed characters, single spaces, no control characters."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["normalize_space"]

# Zero-width joiner and non-joiner stay: emoji sequences and Persian spelling need them.
INVISIBLE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\ufeff\ufffe\uffff\ud800-\udfff]")
SPACE = re.compile(r"\s+")


def normalize_space(text: str) -> str:
    """Unicode NFC; control and invisible characters removed; each run of white space one space; none at the ends."""
    return SPACE.sub(" ", INVISIBLE.sub("", unicodedata.normalize("NFC", text))).strip()
