"""Words: spaces between those of Chinese, and words without much meaning left out, for models that count words.

Neural models read whole sentences; leave these steps out for them.
"""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from typing import Any, Literal

from pydantic import Field

from seatrial.data.clean.base import Changed, CleanStep
from seatrial.errors import MissingExtraError

__all__ = ["DropStopWords", "SegmentWords"]

HAN_RUN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+")
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
Language = Literal["en", "zh"]
USUAL_LANGUAGES: tuple[Language, ...] = ("en",)
ENGLISH = """
a about after again all also am an and any are as at be because been before being between both by can could did do
does doing down during each few for from further had has have having he her here hers him his how i if in into is it
its itself just me more most my of off on once only or other our ours out over own same she should so some such than
that the their theirs them then there these they this those through to too under until up very was we were what when
where which while who whom why will with would you your yours
"""
CHINESE = """
的 了 着 着呢 过 地 得 和 与 及 或 在 是 也 就 都 而 又 把 被 让 给 对 从 到 向 于 之 其
我 你 他 她 它 我们 你们 他们 她们 它们 这 那 这个 那个 这些 那些 一个 一些 啊 吧 呢 吗 呀 哦
嗯 上 下 里 个 们 等 以 所 因为 所以 如果
"""
STOP_WORDS = {"en": frozenset(ENGLISH.split()), "zh": frozenset(CHINESE.split())}
"""Words that turn a meaning around (not, no, but, 不, 没有) are not among them."""


class SegmentWords(CleanStep):
    """Puts a separator between the words of Chinese, by jieba; other scripts stay as they are."""

    separator: str = Field(default=" ", min_length=1)
    """What stands between words."""
    unknown_words: bool = True
    """Whether words that are not in the dictionary are guessed from their characters."""

    def __call__(self, text: str) -> str:
        """The text with its Chinese words apart."""
        if text.isascii():
            return text
        parts: list[str] = []
        at = 0
        for run in HAN_RUN.finditer(text):
            before, words = text[at : run.start()], _cut(run[0], self.unknown_words)
            parts += [before, self._apart(text, run.start() - 1), self.separator.join(words)]
            parts.append(self._apart(text, run.end()))
            at = run.end()
        return "".join([*parts, text[at:]])

    def _apart(self, text: str, place: int) -> str:
        """A separator where the neighbour at this place is a letter or digit."""
        return self.separator if 0 <= place < len(text) and text[place].isalnum() else ""


class DropStopWords(CleanStep):
    """Leaves out words that say little; words that turn a meaning around stay."""

    languages: list[Language] = Field(default_factory=lambda: [*USUAL_LANGUAGES])
    """Whose words; `zh` cuts Chinese into words by jieba first."""
    words: list[str] = Field(default_factory=list)
    """Further words to leave out, in any case."""
    keep: list[str] = Field(default_factory=list)
    """Words to keep though they are on the list."""

    def __call__(self, text: str) -> str | Changed:
        """The text without these words and the spaces before them, and how many there were."""
        gone = _stop_words(tuple(self.languages), tuple(self.words), tuple(self.keep))
        count = 0
        parts: list[str] = []
        at = 0
        for found in WORD.finditer(text):
            before, word = text[at : found.start()], found[0]
            at = found.end()
            kept = word
            if "zh" in self.languages and HAN_RUN.search(word):
                pieces = [piece for run in _runs(word) for piece in run]
                stay = [piece for piece in pieces if piece.lower() not in gone]
                count += len(pieces) - len(stay)
                kept = "".join(stay)
            elif word.lower().replace("’", "'") in gone:
                count, kept = count + 1, ""
            parts += [before, kept] if kept else [before.rstrip() if parts else ""]
        if not count:
            return text
        return Changed("".join([*parts, text[at:]]).strip(), {"stop word": count})


def _runs(word: str) -> list[list[str]]:
    """The pieces of a word in which Chinese and other characters stand side by side."""
    pieces: list[list[str]] = []
    at = 0
    for run in HAN_RUN.finditer(word):
        pieces += [[word[at : run.start()]] if at < run.start() else [], _cut(run[0], False)]
        at = run.end()
    return [*pieces, [word[at:]] if at < len(word) else []]


@lru_cache(maxsize=16)
def _stop_words(languages: tuple[str, ...], words: tuple[str, ...], keep: tuple[str, ...]) -> frozenset[str]:
    listed = frozenset().union(*(STOP_WORDS[language] for language in languages))
    return (listed | {word.lower() for word in words}) - {word.lower() for word in keep}


def _cut(run: str, unknown_words: bool) -> list[str]:
    return [str(word) for word in _jieba().cut(run, HMM=unknown_words)]


@lru_cache(maxsize=1)
def _jieba() -> Any:
    import logging

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it uses pkg_resources, and strings with stray backslashes
            import jieba
    except ImportError as error:
        raise MissingExtraError("cutting Chinese into words", "data") from error
    jieba.setLogLevel(logging.WARNING)  # it would tell how long its dictionary took
    return jieba
