"""What comes back from a model that generates: pieces of text, what was counted, and when.

Refuses to know: how a piece is sent.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from seatrial.generate.events import Choice
from seatrial.records import Release

__all__ = ["Clocks", "Piece", "Usage"]


@dataclass(frozen=True, slots=True)
class Piece:
    """More of one answer.

    Attributes:
        index: of the answer, from 0.
        text: what follows, whole characters; empty where a token only ends the answer, or is held back.
        choices: the tokens behind it, where log-probabilities were asked for.
        finish: "stop" or "length" in the last piece of an answer, otherwise None.
    """

    index: int
    text: str
    choices: tuple[Choice, ...] = ()
    finish: str | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens: of the prompt, counted once for all answers, and of all answers together, the last one included."""

    prompt_tokens: int
    completion_tokens: int

    @property
    def total_tokens(self) -> int:
        """Both."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(slots=True)
class Clocks:
    """When what happened to one request, and how much there was; filled while it is answered.

    Attributes:
        release: what answers.
        started: on `time.monotonic`'s clock.
        prompt_tokens: read.
        completion_tokens: written.
        first_token_s: from the start to the first token; None before there is one.
        gaps_s: from each token of an answer to its next.
        finishes: why the answers ended.
    """

    release: Release
    started: float = field(default_factory=time.monotonic)
    prompt_tokens: int = 0
    completion_tokens: int = 0
    first_token_s: float | None = None
    gaps_s: list[float] = field(default_factory=list)
    finishes: list[str] = field(default_factory=list)
    _last: dict[int, float] = field(default_factory=dict)

    def token(self, index: int) -> None:
        """A token of the answer number `index` is there."""
        now = time.monotonic()
        self.completion_tokens += 1
        if self.first_token_s is None:
            self.first_token_s = now - self.started
        if index in self._last:
            self.gaps_s.append(now - self._last[index])
        self._last[index] = now

    @property
    def usage(self) -> Usage:
        """What was counted so far."""
        return Usage(self.prompt_tokens, self.completion_tokens)
