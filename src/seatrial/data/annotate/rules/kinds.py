"""The kinds of rules: keywords, a regular expression, a lexicon, a function. Each maker gives what a `Rule` says.

Refuses to know: the file that rules are written in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from seatrial.data.annotate.rules.phrases import Phrases
from seatrial.errors import MissingExtraError, SpecError

__all__ = ["Says", "keyword_rule", "label_lexicon_rule", "regex_rule", "weight_lexicon_rule"]

Says = Callable[[str], str | None]


def keyword_rule(keywords: Sequence[str], label: str, *, at_least: int = 1) -> Says:
    """`label` for a text that holds at least so many of the keywords, repeats counted; see `phrases`."""
    phrases = Phrases((word, True) for word in keywords)
    return lambda text: label if sum(phrases.found(text)) >= at_least else None


def regex_rule(pattern: str, label: str, *, where: str = "regex") -> Says:
    """`label` for a text in which the pattern is found. RE2 syntax: time is linear in the text, whatever the pattern.

    Args:
        pattern: case does not count, unless it begins with ``(?-i)``.
        label: what the rule says.
        where: dotted path, for messages.

    Raises:
        SpecError: RE2 cannot read the pattern; it has no look-around and no back references.
        MissingExtraError: the package google-re2 is not installed.
    """
    try:
        import re2
    except ImportError as error:
        raise MissingExtraError("a rule with a regex", "data") from error
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    try:
        compiled = re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        raise SpecError(
            f"the pattern {pattern!r} cannot be read: {reason}",
            where=where,
            expected="RE2 syntax, which has no look-around and no back references",
        ) from error
    return lambda text: label if compiled.search(text) else None


def label_lexicon_rule(lexicon: Mapping[str, str]) -> Says:
    """The label that most phrases of the lexicon in a text stand for; nothing where two have equally many.

    Args:
        lexicon: phrase → label.
    """
    phrases = Phrases(lexicon)

    def says(text: str) -> str | None:
        ranked = Counter(phrases.found(text)).most_common(2)
        if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
            return None
        return ranked[0][0]

    return says


def weight_lexicon_rule(
    lexicon: Mapping[str, float], *, above: str | None, below: str | None, threshold: float = 0.0
) -> Says:
    """`above` where the weights of a text's phrases add up to more than the threshold, `below` under its negative.

    Args:
        lexicon: phrase → weight.
        above: the label of high sums; None to say nothing there.
        below: the label of low sums; None to say nothing there.
        threshold: at least 0.
    """
    phrases = Phrases(lexicon)

    def says(text: str) -> str | None:
        total = sum(phrases.found(text))
        return above if total > threshold else below if total < -threshold else None

    return says
