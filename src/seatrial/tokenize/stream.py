"""Token ids, one at a time → text that is final: never half a character, never text that a later token would change.

Three things make the last text uncertain. A character may be spread over several tokens of bytes. A tokenizer that
falls back to bytes decodes a run of them together, so that one bad byte spoils the run. And what came may be the
beginning of a string at which generation shall stop. Whatever may still change is held back; the pieces together are
what decoding all tokens at once gives.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from seatrial.errors import SpecError
from seatrial.tokenize.plain_bpe import BYTE_ORDER, PRINTABLE
from seatrial.tokenize.special import BYTES

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["Detokenizer", "StopStrings", "TextStream", "TokenStream"]

BYTE_OF = {chr(byte): byte for byte in PRINTABLE} | {
    chr(256 + place): byte for place, byte in enumerate(BYTE_ORDER[len(PRINTABLE) :])
}
"""How byte-level tokenizers write bytes: printable ones as themselves, the others as characters from U+0100."""
MOST_STOPS = 64
LONGEST_STOP = 1000


class Detokenizer:
    """Makes streams of text for one tokenizer, which must not change meanwhile; may be shared between threads.

    Args:
        tokenizer: whose ids will come.
        skip_special_tokens: whether control tokens leave no trace in the text.
    """

    def __init__(self, tokenizer: Tokenizer, *, skip_special_tokens: bool = True) -> None:
        self.tokenizer = tokenizer
        added = tokenizer.get_added_tokens_decoder()
        self.skipped = (
            frozenset(n for n, token in added.items() if token.special) if skip_special_tokens else frozenset()
        )
        decoder: dict[str, Any] = json.loads(tokenizer.decoder.__getstate__()) if tokenizer.decoder else {}
        self.byte_level = decoder.get("type") == "ByteLevel"
        numbers = (tokenizer.token_to_id(token) for token in BYTES)
        self.bytes = frozenset(n for n in numbers if n is not None) if "ByteFallback" in str(decoder) else frozenset()

    def stream(self, stops: Sequence[str] = ()) -> TextStream:
        """A stream for one sequence of tokens.

        Args:
            stops: strings at which it ends; see `StopStrings`.

        Raises:
            SpecError: a stop string is empty or too long, or there are too many.
        """
        return TextStream(TokenStream(self), StopStrings(stops))


class TokenStream:
    """The tokens of one sequence → text, without regard to stop strings. Made by `Detokenizer`, used by one thread."""

    def __init__(self, detokenizer: Detokenizer) -> None:
        self._of = detokenizer
        self._utf8 = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._context: list[int] = []  # the tokens of the text given out last: decoders look at what is before
        self._waiting: list[int] = []

    def push(self, token_id: int) -> str:
        """The text that is final now that this token has come; often that of the token, sometimes none."""
        of = self._of
        token = None if token_id in of.skipped else of.tokenizer.id_to_token(token_id)
        if token is None:
            return ""
        if of.byte_level:
            return self._utf8.decode(_bytes_of(token))
        self._waiting.append(token_id)
        return "" if token_id in of.bytes else self._decoded()

    def finish(self) -> str:
        """What was held back, after the last token."""
        return self._utf8.decode(b"", final=True) if self._of.byte_level else self._decoded()

    def _decoded(self) -> str:
        if not self._waiting:
            return ""
        ids = self._context + self._waiting
        whole = self._of.tokenizer.decode(ids, skip_special_tokens=False)
        before = self._of.tokenizer.decode(self._context, skip_special_tokens=False) if self._context else ""
        self._waiting = []
        # Where nothing has come out yet, the decoder still counts the next token as the first of the text.
        self._context = ids[len(self._context) :] if len(whole) > len(before) else ids
        return whole[len(before) :]


class StopStrings:
    """Finds the first of some strings in a text that comes in pieces; what may be its beginning is held back.

    The string that is complete first counts, and of those that end at the same place the longest. It does not matter
    how the text is cut into pieces. Each string is followed by one number, as in the algorithm of Knuth, Morris and
    Pratt, so that a character costs the same however long the strings are.

    Args:
        stops: the strings; none stops nothing.

    Raises:
        SpecError: a string is empty or too long, or there are too many.
    """

    def __init__(self, stops: Sequence[str] = ()) -> None:
        if isinstance(stops, str):
            raise SpecError("is one string", where="stop", expected="a list of strings")
        if len(stops) > MOST_STOPS:
            raise SpecError(f"there are {len(stops):,} stop strings", where="stop", expected=f"{MOST_STOPS} at most")
        for place, stop in enumerate(stops):
            if not stop:
                raise SpecError("a stop string is empty", where=f"stop[{place}]", hint="leave it out")
            if len(stop) > LONGEST_STOP:
                raise SpecError(
                    f"a stop string has {len(stop):,} characters",
                    where=f"stop[{place}]",
                    expected=f"{LONGEST_STOP:,} at most",
                )
        self._stops = sorted(set(stops), key=len, reverse=True)  # the longest that ends somewhere is found first
        self._tables = [_borders(stop) for stop in self._stops]
        self._matched = [0] * len(self._stops)  # of each string, how much of it the text ends with
        self._held = ""
        self.found: str | None = None
        """The string at which the text ended."""

    def push(self, text: str) -> str:
        """The text that belongs to no stop string, as far as that is certain; nothing after one was found."""
        if self.found is not None:
            return ""
        if not self._stops:
            return text
        for place, character in enumerate(text):
            for number, stop in enumerate(self._stops):
                if self._advance(number, character) == len(stop):
                    self.found = stop
                    whole = self._held + text[: place + 1]
                    self._held = ""
                    return whole[: len(whole) - len(stop)]
        whole = self._held + text
        certain = len(whole) - max(self._matched)
        self._held = whole[certain:]
        return whole[:certain]

    def finish(self) -> str:
        """What was held back, when no more text comes."""
        held, self._held = self._held, ""
        return held

    def _advance(self, number: int, character: str) -> int:
        stop, matched = self._stops[number], self._matched[number]
        while matched and stop[matched] != character:
            matched = self._tables[number][matched - 1]
        matched += stop[matched] == character
        self._matched[number] = matched
        return matched


class TextStream:
    """The tokens of one sequence → its final text, up to a stop string. Made by `Detokenizer`, used by one thread."""

    def __init__(self, tokens: TokenStream, stops: StopStrings) -> None:
        self._tokens = tokens
        self._stops = stops

    @property
    def stopped(self) -> str | None:
        """The stop string that was found; no text comes after it."""
        return self._stops.found

    def push(self, token_id: int) -> str:
        """The text that is final now that this token has come."""
        return self._stops.push(self._tokens.push(token_id))

    def finish(self) -> str:
        """The rest, after the last token."""
        return self._stops.push(self._tokens.finish()) + self._stops.finish()


def _borders(stop: str) -> list[int]:
    """For each beginning of the string, the length of the longest shorter beginning that it also ends with."""
    table = [0] * len(stop)
    length = 0
    for place in range(1, len(stop)):
        while length and stop[place] != stop[length]:
            length = table[length - 1]
        length += stop[place] == stop[length]
        table[place] = length
    return table


def _bytes_of(token: str) -> bytes:
    """The bytes of a byte-level token; one with other characters was added to the vocabulary as plain text."""
    try:
        return bytes([BYTE_OF[character] for character in token])
    except KeyError:
        return token.encode()
