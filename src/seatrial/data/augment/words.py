"""Where the words of a text are, so that some can be changed and everything between them stays as it is.

Addresses, @names, #tags and numbers are no words here. Chinese, which puts no spaces, is cut by jieba; other such
scripts by single characters.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from random import Random

from seatrial.errors import MissingExtraError

__all__ = ["KEPT_WORDS", "chosen", "is_unspaced", "replaced", "word_spans"]

PART = re.compile(r"(?:https?://|www\.)\S+|[@#][\w.]+|\S+@\S+\.\w+|[^\W_]+(?:['’\-][^\W_]+)*")
NO_WORD = re.compile(r"https?://|www\.|[@#]|\S+@|.*\d")
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]"
)
HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]")
KEPT_WORDS = (
    *("no", "not", "never", "nor", "none", "nothing", "nobody", "cannot", "without", "hardly", "but"),
    *("不", "没", "没有", "别", "无", "未", "非", "莫", "沒", "沒有", "別", "無"),
)
"""Words that turn a meaning around: a text without one of them would carry the wrong label."""


def is_unspaced(text: str) -> bool:
    """Whether more than half of the letters belong to scripts that put no spaces between words."""
    letters = sum(character.isalnum() for character in text)
    return letters > 0 and 2 * len(UNSPACED.findall(text)) > letters


def word_spans(text: str, keep: Iterable[str] = ()) -> list[tuple[int, int]]:
    """(start, end) of every word that may be changed, ascending.

    Args:
        text: any text.
        keep: words that must stay, in any case; so must all that end in ``n't``.

    Raises:
        MissingExtraError: the text is Chinese and jieba is not installed.
    """
    kept = {word.casefold() for word in keep}
    spans: list[tuple[int, int]] = []
    for found in PART.finditer(text):
        part = found.group()
        if NO_WORD.match(part):
            continue
        pieces = _pieces(part) if UNSPACED.search(part) else [part]
        start = found.start()
        for piece in pieces:
            low = piece.casefold().replace("’", "'")
            if low not in kept and not low.endswith("n't"):
                spans.append((start, start + len(piece)))
            start += len(piece)
    return spans


def chosen(spans: Sequence[tuple[int, int]], rate: float, random: Random) -> list[tuple[int, int]]:
    """A share of the spans, at least one where there is one; ascending."""
    count = min(len(spans), max(1, round(rate * len(spans))))
    return sorted(random.sample(spans, count))


def replaced(text: str, changes: Iterable[tuple[tuple[int, int], str]]) -> str:
    """The text with each span replaced; spans are ascending and do not overlap."""
    parts, at = [], 0
    for (start, end), new in changes:
        parts += [text[at:start], new]
        at = end
    return "".join([*parts, text[at:]])


def _pieces(part: str) -> list[str]:
    if not HAN.search(part):
        return list(part)
    if find_spec("jieba") is None:
        raise MissingExtraError("cutting Chinese into words", "data")
    import logging

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it uses pkg_resources, and strings with stray backslashes
        import jieba

    jieba.setLogLevel(logging.WARNING)  # it would tell how long its dictionary took
    return list(jieba.cut(part, HMM=False))
