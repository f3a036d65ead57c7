"""What a model in service needs of a decoding engine: token ids in, token ids out, many requests at a time.

`seatrial.generate`'s runner is one; fifteen lines that count are another, which is how everything above is tested.
Refuses to know: texts.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from seatrial.generate.events import Finished, Token
from seatrial.generate.request import GenerateRequest

__all__ = ["Decoding", "TokenStream"]


class TokenStream(Protocol):
    """The answers to one request, as they come. Belongs to the event loop that asked."""

    def __aiter__(self) -> AsyncIterator[Token | Finished]:
        """Tokens of all answers as they are there, and the end of each. Ends after the last end."""
        ...

    def cancel(self) -> None:
        """Nobody waits for it any more; the engine leaves it at its next step. May be called twice."""
        ...


class Decoding(Protocol):
    """An engine that many requests share."""

    @property
    def context(self) -> int:
        """Tokens of a prompt and its answer together, at most."""
        ...

    @property
    def vocabulary(self) -> int:
        """How many tokens there are."""
        ...

    @property
    def slots(self) -> int:
        """Answers that are written at the same time, at most."""
        ...

    def submit(self, request: GenerateRequest) -> TokenStream:
        """Begin as soon as there is a slot. Called in the event loop; quick.

        Raises:
            RequestError: the engine cannot answer it.
            BusyError: too much waits.
        """
        ...

    def close(self) -> None:
        """End what runs, and the thread that computes. Blocks for up to a step."""
        ...
