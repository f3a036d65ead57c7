"""One text as the recognisers see it: digits and letters of every width and script in ASCII, nothing invisible.

Findings are mapped back to the text as it was given. Refuses to know: what is looked for.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cache

__all__ = ["Canonical"]

ZEROS = (
    "\u0660\u06f0\u07c0\u0966\u09e6\u0a66\u0ae6\u0b66\u0be6\u0c66\u0ce6\u0d66\u0e50\u0ed0\u0f20\u1040\u17e0\u1810\uff10"
    "\U0001d7ce\U0001d7d8\U0001d7e2\U0001d7ec\U0001d7f6"
)
"""The zero of each script whose ten digits follow one another."""
CIRCLED = "\u2460\u2474\u2488\u2776\u2780\u278a"
"""The one of each row of enclosed digits, 1 to 9."""
DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\ufe58\ufe63\uff0d"
SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
FULL_WIDTH_SIGNS = "@._+/()"  # a full-width comma or colon is Chinese punctuation: it ends an address
INVISIBLE = (
    "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063"
    "\u2064\u2066\u2067\u2068\u2069\u20e3\ufe0e\ufe0f\ufeff"
)
HIDDEN = frozenset(INVISIBLE)


class Canonical:
    """A text, its canonical form, and the way back.

    Attributes:
        original: the text as it was given.
        text: the canonical form: no longer than the original.
        data: `text` as UTF-8; what recognisers search, so that no offset is converted before there is a finding.
        digits: how many of 0 to 9 there are.
        ascii: whether `data` is ASCII; then bytes are characters.
    """

    __slots__ = ("_removed", "ascii", "data", "digits", "original", "text")

    def __init__(self, original: str) -> None:
        self.original = original
        self._removed: list[int] = []
        if original.isascii():
            self.text, self.ascii = original, True
        else:
            text = original.translate(_one_for_one())
            if not HIDDEN.isdisjoint(text):
                places = [place for place, character in enumerate(text) if character in HIDDEN]
                self._removed = [place - count for count, place in enumerate(places)]
                text = text.translate(dict.fromkeys(map(ord, INVISIBLE)))
            self.text, self.ascii = text, text.isascii()
        # A lone surrogate is no UTF-8; as a question mark it keeps its place.
        self.data = self.text.encode("utf-8", "replace")
        self.digits = len(self.data) - len(self.data.translate(None, b"0123456789"))

    def value(self, start: int, end: int) -> str:
        """The canonical text between two bytes."""
        return self.data[start:end].decode("utf-8", "replace")

    def original_spans(self, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Byte spans of `data` as character spans of `original`; one pass over the text for all of them."""
        if not self.ascii:
            places = sorted({place for span in spans for place in span})
            characters: dict[int, int] = {}
            last_byte = count = 0
            for place in places:
                count += len(self.data[last_byte:place].decode("utf-8", "ignore"))
                characters[place] = count
                last_byte = place
            spans = [(characters[start], characters[end]) for start, end in spans]
        if not self._removed:
            return spans
        shift = self._removed
        return [(start + bisect_right(shift, start), end + bisect_right(shift, end - 1)) for start, end in spans]


@cache
def _one_for_one() -> dict[int, str]:
    """Character → the ASCII one that it stands for; never more or fewer than one, so that offsets stay."""
    table = {ord(zero) + digit: str(digit) for zero in ZEROS for digit in range(10)}
    table |= {ord(one) + place: str(place + 1) for one in CIRCLED for place in range(9)}
    table |= {0xFEE0 + ord(sign): sign for sign in FULL_WIDTH_SIGNS}
    table |= {ord(letter) + place: chr(ord(letter) - 0xFEE0 + place) for letter in "Ａａ" for place in range(26)}
    table |= {ord(dash): "-" for dash in DASHES}
    table |= {ord(space): " " for space in SPACES}
    return table
