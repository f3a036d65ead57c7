"""The state of a request and of each of its answers while they run. Refuses to know: engines, queues."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from seatrial.generate.events import Choice, FinishReason, Token
from seatrial.generate.lookup import PromptLookup
from seatrial.generate.request import GenerateRequest
from seatrial.generate.sampling.sampler import Sampler
from seatrial.generate.statistics import RequestStatistics
from seatrial.generate.stream import Stream

__all__ = ["Job", "Sequence"]


@dataclass(slots=True, eq=False)
class Job:
    """A request on its way.

    Attributes:
        request: what is asked.
        stream: where its events go.
        statistics: what is known of it so far.
        submitted: on `time.monotonic`'s clock.
        prefilled: tokens of the prompt that are in the cache.
        running: answers that have not ended; empty while it waits.
    """

    request: GenerateRequest
    stream: Stream
    statistics: RequestStatistics
    submitted: float
    prefilled: int = 0
    running: list[Sequence] = field(default_factory=list)

    @classmethod
    def of(cls, request: GenerateRequest) -> Job:
        """A request that begins to wait now."""
        return cls(request, Stream(), RequestStatistics(len(request.prompt)), time.monotonic())

    def begin(self, slots: list[int], context: int) -> None:
        """Take slots, one for each answer."""
        self.statistics.waited_s = time.monotonic() - self.submitted
        self.running = [Sequence(self, index, slot, context) for index, slot in enumerate(slots)]

    def why_ended(self, now: float) -> FinishReason | None:
        """Whether the caller or the clock wants no more of it."""
        if self.stream.cancelled:
            return "cancelled"
        return "deadline" if now > self.request.deadline else None


class Sequence:
    """One answer of a request, in a slot of the engine.

    Args:
        job: the request.
        index: which of its answers.
        slot: of the engine.
        context: tokens that a slot can hold.
    """

    def __init__(self, job: Job, index: int, slot: int, context: int) -> None:
        request = job.request
        self.job, self.index, self.slot = job, index, slot
        self.tokens = 0
        self.pending = -1  # chosen, and not in the cache yet
        room = context - len(request.prompt)
        self._longest = room if request.max_tokens is None else min(room, request.max_tokens)
        constraint = None if request.constraint is None else request.constraint()
        self.sampler = Sampler(request.sampling, request.prompt, index, constraint)
        self._watch: Callable[[int], bool] | None = None if request.watch is None else request.watch()
        self._lookup = PromptLookup(request.prompt, request.draft_tokens) if request.draft_tokens else None
        self._last_time = 0.0

    def draft(self) -> list[int]:
        """A guess of what comes after the pending token, shorter than what may still come."""
        return [] if self._lookup is None else self._lookup.draft(self._longest - self.tokens - 1)

    def learn(self, drafted: int, accepted: int) -> None:
        """Hear how much of a guess held."""
        if self._lookup is not None:
            self._lookup.learn(drafted, accepted)
        self.job.statistics.drafted += drafted
        self.job.statistics.accepted += accepted

    def take(self, choice: Choice) -> FinishReason | None:
        """Tell the caller of the next token; whether the answer ends with it."""
        self._note_time()
        self.tokens += 1
        self.pending = choice.token_id
        self.job.statistics.answer_tokens += 1
        self.job.stream.put(Token(self.index, choice))
        if self._lookup is not None:
            self._lookup.hear(choice.token_id)
        watched = self._watch is not None and self._watch(choice.token_id)
        if watched or choice.token_id in self.job.request.stop_ids:
            return "stop"
        return "length" if self.tokens >= self._longest else None

    def _note_time(self) -> None:
        now, statistics = time.monotonic(), self.job.statistics
        if statistics.first_token_s is None:
            statistics.first_token_s = now - self.job.submitted
        if self.tokens:
            statistics.between_tokens_s.append(now - self._last_time)
        self._last_time = now
