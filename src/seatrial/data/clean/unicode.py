"""Text that was decoded wrongly put right, and one Unicode form for what looks the same."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Literal

from seatrial.data.clean.base import CleanStep
from seatrial.errors import MissingExtraError

__all__ = ["NormalizeUnicode", "RepairUnicode"]


class RepairUnicode(CleanStep):
    """Undoes wrong decoding (`schÃ¶n` → `schön`), by ftfy. Text that may have been meant so stays."""

    straight_quotes: bool = False
    """Whether curly quotation marks become straight ones."""
    width: bool = False
    """Whether letters of full width become usual ones; `normalize-width` does this in more detail."""
    ligatures: bool = True
    """Whether ligatures such as `ﬁ` become single letters."""

    def __call__(self, text: str) -> str:
        """The text as it was meant."""
        if text.isascii() and text.isprintable():
            return text
        return _ftfy(self.straight_quotes, self.width, self.ligatures)(text)


class NormalizeUnicode(CleanStep):
    """Brings texts into a normal form of Unicode."""

    form: Literal["NFC", "NFKC", "NFD", "NFKD"] = "NFC"
    """`NFC` composes letters and accents; `NFKC` also makes usual letters of ligatures, superscripts and full width."""

    def __call__(self, text: str) -> str:
        """The text in that form."""
        return unicodedata.normalize(self.form, text)


@lru_cache(maxsize=8)
def _ftfy(straight_quotes: bool, width: bool, ligatures: bool) -> Callable[[str], str]:
    try:
        import ftfy
    except ImportError as error:
        raise MissingExtraError("repairing texts", "data") from error
    config = ftfy.TextFixerConfig(
        unescape_html=False,
        uncurl_quotes=straight_quotes,
        fix_character_width=width,
        fix_latin_ligatures=ligatures,
        explain=False,
    )
    return partial(ftfy.fix_text, config=config)
