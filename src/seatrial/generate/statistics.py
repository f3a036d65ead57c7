"""What is known of one request when it has ended, and of all together. Refuses to know: who shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

__all__ = ["RequestStatistics", "Totals"]

Outcome = Literal["answered", "cancelled", "deadline", "failed"]


@dataclass(slots=True)
class RequestStatistics:
    """Of one request; all its answers together.

    Attributes:
        prompt_tokens: of the prompt, once.
        answer_tokens: of all answers.
        waited_s: until its prompt was begun; None when it never was.
        first_token_s: from the request to the first token; None when there was none.
        between_tokens_s: from token to token of an answer, one after the other.
        total_s: from the request to its end.
        drafted: tokens guessed ahead.
        accepted: of these, how many were right.
        outcome: how it ended.
    """

    prompt_tokens: int
    answer_tokens: int = 0
    waited_s: float | None = None
    first_token_s: float | None = None
    between_tokens_s: list[float] = field(default_factory=list)
    total_s: float = 0.0
    drafted: int = 0
    accepted: int = 0
    outcome: Outcome = "answered"


@dataclass(slots=True)
class Totals:
    """Of all requests since the start; `refused` are those that found the queue full."""

    requests: int = 0
    refused: int = 0
    failed: int = 0
    cancelled: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0
    drafted: int = 0
    accepted: int = 0
    steps: int = 0

    def add(self, request: RequestStatistics) -> None:
        """Count a request that has ended."""
        self.requests += 1
        self.failed += request.outcome == "failed"
        self.cancelled += request.outcome == "cancelled"
        self.prompt_tokens += request.prompt_tokens
        self.answer_tokens += request.answer_tokens
        self.drafted += request.drafted
        self.accepted += request.accepted
