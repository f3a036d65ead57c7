"""The rules by which C4 was made from web pages: lines that are no sentences go, and so do pages with little left.

Source: Raffel et al. 2020, "Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer", §2.2.
Its list of bad words is not part of this; give your own. Copies and languages have steps of their own.
"""

from __future__ import annotations

import re
from collections import Counter

from pydantic import Field

from seatrial.data.clean.base import Changed, Cleaner, CleanStep, Refusal

__all__ = ["C4Quality"]

ENDS = (".", "!", "?", '"', "”", "。", "！", "？", "」", "…")
SENTENCE_END = re.compile(r"[.!?](?=[\s\"”']|$)|[。！？]")
CITATION = re.compile(r"\[(?:\d{1,4}|edit|citation needed)\]")
POLICY = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")


class C4Quality(CleanStep):
    """Keeps the sentences of web pages, and pages with enough of them. For corpora; not for comments or queries."""

    terminal_punctuation: bool = True
    """Lines that do not end like a sentence go; these also end Chinese and Japanese sentences: 。！？」"""
    min_words_per_line: int = Field(default=5, ge=0)
    """Lines with fewer words go. Set it to 0 for scripts without spaces."""
    min_sentences: int = Field(default=3, ge=0)
    """A page with fewer sentences left is dropped."""
    code: bool = True
    """A page with a curly bracket is dropped, because it probably holds code."""
    forbidden_words: list[str] = Field(default_factory=list)
    """A page with one of these words, in any case, is dropped."""

    def __call__(self, text: str) -> str | Refusal | Changed:
        """The page without the lines that go, with their number by rule, or a refusal with the rule."""
        low = text.lower()
        if "lorem ipsum" in low:
            return Refusal("C4: placeholder text")
        if self.code and "{" in text:
            return Refusal("C4: curly bracket")
        if self.forbidden_words and not {word.lower() for word in self.forbidden_words}.isdisjoint(
            re.findall(r"\w+", low)
        ):
            return Refusal("C4: forbidden word")
        kept: list[str] = []
        gone: Counter[str] = Counter()
        for line in CITATION.sub("", text).splitlines():
            rule = self._rule(line.strip())
            if rule is None:
                kept.append(line.strip())
            elif rule:
                gone[rule] += 1
        cleaned = "\n".join(kept)
        if sum(1 for _ in SENTENCE_END.finditer(cleaned)) < self.min_sentences:
            return Refusal(f"C4: fewer than {self.min_sentences} sentences")
        return Changed(cleaned, gone) if gone else cleaned

    def served(self) -> Cleaner | None:
        """Nothing: whoever asks gets an answer to the whole text."""
        return None

    def _rule(self, line: str) -> str | None:
        """Why a line goes; None if it stays, an empty string if there is nothing in it."""
        low = line.lower()
        if not line:
            return ""
        if self.terminal_punctuation and (not line.endswith(ENDS) or line.endswith("...")):
            return "line without an end"
        if len(line.split()) < self.min_words_per_line:
            return "line too short"
        if "javascript" in low:
            return "line about JavaScript"
        return "line about cookies or terms" if any(phrase in low for phrase in POLICY) else None
