"""How fast a queue is worked off, learned from its batches: how long a newcomer would wait, and what is begun too late.

Refuses to know: what is computed, and for whom.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from seatrial.serve.queue.cost import RunCost

__all__ = ["Pace"]

NEWS = 0.1  # weight of the newest batch, once ten have been seen; of fewer, all count alike
MOST_RUN_TOKENS = 16.0
"""Padding worth one run, at most. Measured on MiniLM with one thread, a run costs 3 tokens more in int8 and 14 in fp32.
A figure too high wastes more on padding than one too low wastes on runs."""


@dataclass(slots=True)
class Pace:
    """Averages over the batches of late."""

    _batches: int = 0
    _tokens: float = 0.0
    _seconds: float = 0.0
    _cost: RunCost = field(default_factory=RunCost)
    _batch_s: float = 0.0
    _deviation_s: float = 0.0

    def learn(self, tokens: int, padded_tokens: int, seconds: float) -> None:
        """Take a batch into account: its tokens without and with padding, and how long it took."""
        self._batches += 1
        weight = max(NEWS, 1 / self._batches)
        self._cost.learn(max(1, padded_tokens), seconds)
        self._tokens += weight * (max(1, tokens) - self._tokens)
        self._seconds += weight * (seconds - self._seconds)
        self._deviation_s += weight * (abs(seconds - self._batch_s) - self._deviation_s)
        self._batch_s += weight * (seconds - self._batch_s)

    @property
    def seconds_per_token(self) -> float:
        """Of all that a batch takes, its padding included; 0 before the first.

        A ratio of sums: one short text that was computed slowly, as the first one of a new process often is, says
        little about the long batches behind it, and must not have them refused.
        """
        return self._seconds / self._tokens if self._tokens else 0.0

    @property
    def lead_s(self) -> float:
        """How long before its deadline an item must be started: a batch's time with TCP's margin (RFC 6298)."""
        return self._batch_s + 4 * self._deviation_s

    @property
    def run_tokens(self) -> float:
        """How much padding is worth a run that is saved, in tokens."""
        return min(self._cost.run_tokens, MOST_RUN_TOKENS)

    def tokens_within(self, seconds: float) -> int:
        """How many tokens a batch of this length may hold, at least 1.

        A run costs something beyond its tokens. Where that alone is most of `seconds`, a batch may take twice the cost
        of a run: with one text at a time, most of the machine would be spent on nothing but runs.
        """
        return self._cost.tokens_within(max(seconds, 2 * self._cost.per_run_s))
