"""What a caller reads: a token of an answer, its end, or the whole of it. Refuses to know: how they came about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Answer", "Choice", "FinishReason", "Finished", "Token"]

FinishReason = Literal["stop", "length", "cancelled", "deadline"]
"""`stop`: a stop token, or what watches said so. `length`: `max_tokens`, or the context is full."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A chosen token.

    Attributes:
        token_id: which.
        log_probability: under the network, or None where none was asked for.
        top: the most probable (token id, log-probability), best first.
    """

    token_id: int
    log_probability: float | None = None
    top: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Token:
    """The next token of the answer number `index`. A stop token is the last of its answer."""

    index: int
    choice: Choice

    @property
    def token_id(self) -> int:
        """Which."""
        return self.choice.token_id


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer number `index` has ended."""

    index: int
    reason: FinishReason
    tokens: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: its tokens in order, and why it ended."""

    choices: tuple[Choice, ...]
    reason: FinishReason

    @property
    def token_ids(self) -> tuple[int, ...]:
        """Without the prompt."""
        return tuple(choice.token_id for choice in self.choices)
