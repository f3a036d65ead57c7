"""The rules by which Gopher's corpus was filtered: documents that do not read like prose, or repeat themselves, go.

Both are made for English documents, not for comments: the usual bounds ask for 50 words. Every bound is an option.

Source: Rae et al. 2021, "Scaling Language Models: Methods, Analysis & Insights from Training Gopher", appendix A.1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pydantic import Field

from seatrial.data.clean.base import Cleaner, CleanStep, Refusal

__all__ = ["GopherQuality", "GopherRepetition"]

USUAL_WORDS = frozenset({"the", "be", "to", "of", "and", "that", "have", "with"})
BULLETS = ("•", "-", "*", "‣", "·", "–")
ELLIPSES = ("...", "…")
TOP_NGRAMS = {2: 0.20, 3: 0.18, 4: 0.16}
"""n → the largest share of the characters that the most frequent n words in a row may make up."""
REPEATED_NGRAMS = {5: 0.15, 6: 0.14, 7: 0.13, 8: 0.12, 9: 0.11, 10: 0.10}
"""n → the largest share of the characters that n words in a row that occur more than once may make up."""


class GopherQuality(CleanStep):
    """Drops documents that do not read like prose."""

    min_words: int = Field(default=50, ge=0)
    """Fewer words are dropped."""
    max_words: int = Field(default=100_000, ge=1)
    """More words are dropped."""
    min_mean_word_length: float = Field(default=3.0, ge=0)
    """Words with fewer characters on average are dropped."""
    max_mean_word_length: float = Field(default=10.0, gt=0)
    """Words with more characters on average are dropped."""
    max_symbols_per_word: float = Field(default=0.1, ge=0)
    """More hash signs, or more ellipses, per word are dropped."""
    max_bullet_lines: float = Field(default=0.9, ge=0, le=1)
    """A larger share of lines that begin with a bullet is dropped."""
    max_ellipsis_lines: float = Field(default=0.3, ge=0, le=1)
    """A larger share of lines that end with an ellipsis is dropped."""
    min_words_with_letters: float = Field(default=0.8, ge=0, le=1)
    """A smaller share of words with a letter in them is dropped."""
    min_usual_words: int = Field(default=2, ge=0, le=8)
    """Fewer different ones of *the, be, to, of, and, that, have, with* are dropped. Use 0 for other languages."""

    def __call__(self, text: str) -> str | Refusal:
        """The text as it is, or a refusal with the rule."""
        words = text.split()
        count = len(words)
        if count < self.min_words:
            return Refusal(f"Gopher: fewer than {self.min_words:,} words")
        if count > self.max_words:
            return Refusal(f"Gopher: more than {self.max_words:,} words")
        if not count:
            return text
        broken = self._of_words(words) or self._of_lines([line.strip() for line in text.splitlines() if line.strip()])
        return Refusal(f"Gopher: {broken}") if broken else text

    def served(self) -> Cleaner | None:
        """Nothing: whoever asks gets an answer."""
        return None

    def _of_words(self, words: Sequence[str]) -> str | None:
        count = len(words)
        mean = sum(map(len, words)) / count
        joined = " ".join(words)
        with_letters = sum(any(map(str.isalpha, word)) for word in words)
        rules = {
            "words too short on average": mean < self.min_mean_word_length,
            "words too long on average": mean > self.max_mean_word_length,
            "too many hash signs": joined.count("#") / count > self.max_symbols_per_word,
            "too many ellipses": sum(map(joined.count, ELLIPSES)) / count > self.max_symbols_per_word,
            "too few words with a letter": with_letters / count < self.min_words_with_letters,
            "too few usual words": len(USUAL_WORDS.intersection(map(str.lower, words))) < self.min_usual_words,
        }
        return next((rule for rule, broken in rules.items() if broken), None)

    def _of_lines(self, lines: Sequence[str]) -> str | None:
        if sum(line.startswith(BULLETS) for line in lines) / len(lines) > self.max_bullet_lines:
            return "too many lines with a bullet"
        if sum(line.endswith(ELLIPSES) for line in lines) / len(lines) > self.max_ellipsis_lines:
            return "too many lines that end with an ellipsis"
        return None


class GopherRepetition(CleanStep):
    """Drops documents that repeat themselves: lines, paragraphs, and words in a row."""

    max_repeated_lines: float = Field(default=0.30, ge=0, le=1)
    """The largest share of lines, and of paragraphs, that stood before."""
    max_repeated_line_chars: float = Field(default=0.20, ge=0, le=1)
    """The largest share of characters in such lines, or paragraphs."""
    ngrams: bool = True
    """Whether words in a row are looked at too, with the bounds of the paper's table A1."""

    def __call__(self, text: str) -> str | Refusal:
        """The text as it is, or a refusal with the rule."""
        broken = self._of_parts(text, "\n", "lines") or self._of_parts(text, "\n\n", "paragraphs")
        if broken is None and self.ngrams:
            broken = _of_ngrams(text.split())
        return Refusal(f"Gopher: {broken}") if broken else text

    def served(self) -> Cleaner | None:
        """Nothing: whoever asks gets an answer."""
        return None

    def _of_parts(self, text: str, between: str, name: str) -> str | None:
        parts = [part.strip() for part in text.split(between) if part.strip()]
        if len(parts) < 2:
            return None
        seen: set[str] = set()
        again = [part for part in parts if part in seen or seen.add(part)]  # type: ignore[func-returns-value]
        if len(again) / len(parts) > self.max_repeated_lines:
            return f"repeated {name}"
        if sum(map(len, again)) / sum(map(len, parts)) > self.max_repeated_line_chars:
            return f"repeated characters in {name}"
        return None


def _of_ngrams(words: Sequence[str]) -> str | None:
    chars = sum(map(len, words))
    for n, bound in TOP_NGRAMS.items():
        grams = Counter(zip(*(words[i:] for i in range(n)), strict=False))
        if grams:
            gram, count = max(grams.items(), key=lambda item: (item[1], sum(map(len, item[0]))))
            if count > 1 and count * sum(map(len, gram)) / chars > bound:
                return f"one sequence of {n} words too often"
    for n, bound in REPEATED_NGRAMS.items():
        if _repeated_chars(words, n) > bound * chars:
            return f"repeated sequences of {n} words"
    return None


def _repeated_chars(words: Sequence[str], n: int) -> int:
    """Characters in sequences of n words that stood before; a character counts once, though sequences overlap."""
    seen: set[tuple[str, ...]] = set()
    total = at = 0
    for start in range(len(words) - n + 1):
        gram = tuple(words[start : start + n])
        if gram in seen:
            total += sum(map(len, words[max(start, at) : start + n]))
            at = start + n
        seen.add(gram)
    return total
