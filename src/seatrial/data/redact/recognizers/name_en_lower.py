"""English names in lower case, as people write in chats: only where words before them say that a person is named.

A frequent given name that is no common word, after ``my friend``, ``my name is``, ``thanks`` and the like.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.data.redact.base import Candidate, Gate, RecognizerSettings
from seatrial.data.redact.canonical import Canonical
from seatrial.data.redact.matching import Pattern
from seatrial.data.redact.recognizers.name_en import COMMON_FIRST, FREQUENT_FIRST, name_lists

__all__ = ["NameEnLower"]

KIN = (
    r"friend|mate|brother|bro|sister|sis|husband|hubby|wife|son|daughter|boyfriend|bf|girlfriend|gf|roommate|flatmate|"
    r"boss|cousin|uncle|aunt|auntie|nephew|niece|neighbou?r|colleague|coworker|teacher|dad|mom|mum"
)
NAMED = Pattern(
    rf"(?i:\b(?:my|our|his|her|your|their) (?:[a-z]{{2,7}} )?(?:{KIN})(?:'s name is| is called| is named| named)?|"
    r"\b(?:name is|name's|named|call me)) (\p{Ll}{3,15})\b"
)
GREETED = Pattern(
    r"(?i:\b(?:hi|hey|hello|thanks|thank you|thx|dear|bye|good ?night|good morning|happy birthday|congrats)),? "
    r"(\p{Ll}{3,15})(?: *$| *[,.!?;:)<]|\n)"
)
SURE, LIKELY = 0.6, 0.5


class NameEnLower:
    """Looks behind introductions and greetings."""

    entity = "name"
    languages: tuple[str, ...] = ("en",)
    gate = Gate(any_of=(b" ",))
    context = ""

    def __init__(self, settings: RecognizerSettings) -> None:
        del settings  # the gate of the language is enough

    def find(self, text: Canonical) -> Iterator[Candidate]:
        """Each name once at most per pattern."""
        lists = name_lists()
        for pattern, score, least in ((NAMED, SURE, COMMON_FIRST), (GREETED, LIKELY, FREQUENT_FIRST)):
            for match in pattern.matches(text.data):
                word = match.group(1).decode("utf-8", "replace")
                known = lists.first.get(word, 0.0) >= least
                if known and word not in lists.common and word not in lists.ordinary:
                    yield Candidate(match.start(1), match.end(1), score)
