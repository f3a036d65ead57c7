"""Chinese characters in one script, simplified or traditional, by OpenCC's dictionaries."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Literal

from seatrial.data.clean.base import CleanStep
from seatrial.errors import MissingExtraError

__all__ = ["ConvertChinese"]

HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")


class ConvertChinese(CleanStep):
    """Writes Chinese in another script; texts with Japanese kana and texts without Chinese characters stay."""

    config: Literal["t2s", "s2t", "s2tw", "s2twp", "s2hk", "tw2s", "tw2sp", "hk2s", "t2tw", "tw2t", "t2hk", "hk2t"] = (
        "t2s"
    )
    """From and to, as OpenCC names it: `s` simplified, `t` traditional, `tw` Taiwan, `hk` Hong Kong; with `p` words
    that are said differently there are replaced too."""

    def __call__(self, text: str) -> str:
        """The text in the other script."""
        if text.isascii() or HAN.search(text) is None or KANA.search(text):
            return text
        return str(_converter(self.config).convert(text))


@lru_cache(maxsize=4)
def _converter(config: str) -> Any:
    try:
        from opencc import OpenCC
    except ImportError as error:
        raise MissingExtraError("changing the script of Chinese", "data") from error
    return OpenCC(config)
