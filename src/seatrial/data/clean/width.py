"""Letters of full and half width, as East Asian typing gives them, in one width."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from seatrial.data.clean.base import CleanStep

__all__ = ["NormalizeWidth"]

FULL = {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F)}
WORDS = str.maketrans({wide: narrow for wide, narrow in FULL.items() if narrow.isalnum()})
HALF = str.maketrans({**FULL, "\u3000": " "})
WIDE = str.maketrans({narrow: wide for wide, narrow in FULL.items()} | {" ": "\u3000"})
WIDE_WORDS = str.maketrans({narrow: wide for wide, narrow in FULL.items() if narrow.isalnum()})
HALF_KANA = re.compile("[\uff66-\uff9f]+")


class NormalizeWidth(CleanStep):
    """Brings ASCII characters to one width, and katakana of half width to the usual one."""

    to: Literal["half", "full"] = "half"
    """`half`: `ＡＢＣ１` → `ABC1`; `full`: the other way."""
    punctuation: bool = False
    """Whether punctuation and spaces too; Chinese and Japanese write `，` and `！` in full width by rule."""

    def __call__(self, text: str) -> str:
        """The text in that width."""
        if self.to == "half":
            if text.isascii():
                return text
            narrowed = text.translate(HALF if self.punctuation else WORDS)
        else:
            narrowed = text.translate(WIDE if self.punctuation else WIDE_WORDS)
        return HALF_KANA.sub(lambda match: unicodedata.normalize("NFKC", match[0]), narrowed)
