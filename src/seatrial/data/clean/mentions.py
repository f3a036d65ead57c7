"""Names of people (`@name`) and hashtags (`#word`) of social media, removed or replaced."""

from __future__ import annotations

import re

from seatrial.data.clean.base import Changed, CleanStep

__all__ = ["StripHashtags", "StripMentions"]

# Not after a letter or digit, so that addresses of mail and anchors of pages are left alone.
MENTION = re.compile(r"(?<![\w.@/])[@＠]\w(?:[\w.-]{0,62}\w)?")
HASHTAG = re.compile(r"(?<![\w&/#])[#＃](?=\w{0,139}[^\W\d_])(\w{1,140})[#＃]?")


class StripMentions(CleanStep):
    """Takes @names out; addresses of mail stay."""

    replacement: str = ""
    """What stands in their place, such as `@USER`."""

    def __call__(self, text: str) -> str | Changed:
        """The text without mentions, and how many there were."""
        cleaned, count = MENTION.subn(lambda _: self.replacement, text)
        return Changed(cleaned, {"mention": count}) if count else text


class StripHashtags(CleanStep):
    """Takes the sign off hashtags, or the whole of them; `#1` is no hashtag, and `#词#` is one."""

    keep_word: bool = True
    """Whether the word stays without its sign; it is often part of the sentence."""
    replacement: str = ""
    """Where the word does not stay: what stands in its place."""

    def __call__(self, text: str) -> str | Changed:
        """The text without hashtags, and how many there were."""
        cleaned, count = HASHTAG.subn(lambda match: match[1] if self.keep_word else self.replacement, text)
        return Changed(cleaned, {"hashtag": count}) if count else text
