"""Who is let in: answers that are written, answers that wait, and the tokens that all of them may still take.

An answer's tokens are counted as many as it may have, and given back as they are written or not needed. From how fast
tokens have come of late follows how long a newcomer would wait for a slot; who would wait too long is refused at once
with a time to come back. Refuses to know: engines, texts.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from seatrial.errors import BusyError, DeadlineError

__all__ = ["Place", "Room"]

STOPPING = "the service is stopping"
FADE_S = 5.0
"""Over how long the speed is averaged."""


@dataclass(slots=True, eq=False)
class Place:
    """What one request takes: answers, and tokens that it may still take."""

    answers: int
    tokens: int


class Room:
    """Room for requests. Belongs to one event loop.

    Args:
        slots: answers that are written at the same time.
        max_waiting: answers that wait, at most.
        max_waiting_tokens: tokens that all answers together may still take, beyond what the slots hold, at most.
        context: tokens that a slot holds.
        max_wait_s: how long a request may be expected to wait for a slot, at most.
        clock: seconds that never go back.
    """

    def __init__(
        self,
        *,
        slots: int,
        context: int,
        max_waiting: int,
        max_waiting_tokens: int,
        max_wait_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._slots, self._context = slots, context
        self._max_waiting, self._max_waiting_tokens, self._max_wait_s = max_waiting, max_waiting_tokens, max_wait_s
        self._clock = clock
        self._places: set[Place] = set()
        self._tokens_per_s = 0.0
        self._counted_from = 0.0
        self._counted = 0
        self.closed = False

    @property
    def answers(self) -> int:
        """Answers that are written or wait."""
        return sum(place.answers for place in self._places)

    @property
    def running(self) -> int:
        """Of these, how many are written."""
        return min(self.answers, self._slots)

    @property
    def waiting(self) -> int:
        """Of these, how many wait."""
        return self.answers - self.running

    @property
    def tokens(self) -> int:
        """Tokens that all of them may still take."""
        return sum(place.tokens for place in self._places)

    @property
    def expected_wait_s(self) -> float:
        """How long an answer that came now would wait for a slot; 0 where one is free, or nothing is known yet."""
        answers = self.answers
        if answers < self._slots or not self._tokens_per_s:
            return 0.0
        # The slots are freed one after the other while all of them write: the first after about a share of the rest.
        return self.tokens / self._tokens_per_s * (1 + answers - self._slots) / (1 + answers)

    def check(self, answers: int, tokens: int, deadline: float) -> None:
        """Refuse what there is no room or no time for.

        Args:
            answers: that are wanted.
            tokens: that they may take with their prompt.
            deadline: on `time.monotonic`'s clock.

        Raises:
            BusyError: there is no room, or the service is stopping.
            DeadlineError: the first token would not come in time.
        """
        if self.closed:
            raise BusyError(STOPPING)
        taken = self.answers
        if taken + answers <= self._slots or not taken:
            return
        wait_s = self.expected_wait_s
        after_s = max(1, math.ceil(wait_s))
        beyond = self.tokens + tokens - self._slots * self._context
        full = taken + answers - self._slots > self._max_waiting or beyond > self._max_waiting_tokens
        if full or wait_s > self._max_wait_s:
            raise BusyError("the service is busy", retry_after_s=after_s)
        if self._clock() + wait_s > deadline:
            raise DeadlineError("the answer would come too late", retry_after_s=after_s)

    def take(self, answers: int, tokens: int, deadline: float) -> Place:
        """The same, and keep the place until `leave`."""
        self.check(answers, tokens, deadline)
        place = Place(answers, tokens)
        if not self._places:
            self._counted_from, self._counted = self._clock(), 0  # idle time is no slowness
        self._places.add(place)
        return place

    def wrote(self, place: Place) -> None:
        """A token is there."""
        place.tokens = max(0, place.tokens - 1)
        self._counted += 1
        passed = self._clock() - self._counted_from
        if passed >= FADE_S / 10:
            rate, weight = self._counted / passed, min(1.0, passed / FADE_S)
            self._tokens_per_s = rate if not self._tokens_per_s else self._tokens_per_s * (1 - weight) + rate * weight
            self._counted_from, self._counted = self._clock(), 0

    def leave(self, place: Place) -> None:
        """The request has ended, however."""
        self._places.discard(place)
