"""Letters and signs that were held down for emphasis, shortened: `sooooo` → `soo`, `!!!!!` → `!!`."""

from __future__ import annotations

import re
from functools import lru_cache

from pydantic import Field

from seatrial.data.clean.base import CleanStep

__all__ = ["ShortenRepeats"]


class ShortenRepeats(CleanStep):
    """Shortens runs of one character."""

    most: int = Field(default=2, ge=1, le=1000)
    """So many of a run stay."""
    digits: bool = False
    """Whether runs of digits are shortened too; `1000000` would become another number."""
    spaces: bool = False
    """Whether runs of white space are shortened too."""

    def __call__(self, text: str) -> str:
        """The text with its runs shortened."""
        return _run(self.most, self.digits, self.spaces).sub(lambda match: match[1] * self.most, text)


@lru_cache(maxsize=16)
def _run(most: int, digits: bool, spaces: bool) -> re.Pattern[str]:
    left_alone = ("" if digits else r"\d") + ("" if spaces else r"\s")
    one = f"[^{left_alone}]" if left_alone else "."
    return re.compile(rf"({one})\1{{{most},}}", re.DOTALL)
