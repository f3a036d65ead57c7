"""Continuous batching: at every step requests join and leave the batch that one engine computes.

A step ends what nobody wants any more, gives free slots to those who wait, reads some tokens of prompts and computes
one token for each running answer. Prompts are read a few tokens a step and in turn, so that a long one delays the
others' next token by one portion and no more. What an engine raises ends the requests of that call; the rest go on.

Refuses to know: threads, except that `submit` may be called from any. The steps are the caller's (`runner`).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from seatrial.errors import DeadlineError, SeatrialError, ServiceError
from seatrial.generate.base import Engine
from seatrial.generate.events import Finished, FinishReason
from seatrial.generate.request import GenerateRequest
from seatrial.generate.sequence import Job, Sequence
from seatrial.generate.statistics import Outcome, RequestStatistics, Totals
from seatrial.generate.stream import Stream
from seatrial.generate.waiting import Waiting

__all__ = ["Scheduler"]

DRAFT_UP_TO = 2
"""Answers that guesses are made for at a time: each guess is checked by a call of its own, and a call for many answers
costs little more than one for a single answer."""


class Scheduler:
    """Requests → steps of one engine.

    Args:
        engine: with all slots free; nobody else uses it.
        max_waiting: requests in the queue, at most.
        prefill_tokens: of prompts, read in one step, at most.
        observe: told of each request when it has ended; it must not raise.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        max_waiting: int = 256,
        prefill_tokens: int = 128,
        observe: Callable[[RequestStatistics], None] | None = None,
    ) -> None:
        self.totals = Totals()
        self._engine = engine
        self._prefill_tokens = prefill_tokens
        self._observe = observe
        self._waiting = Waiting(max_waiting)
        self._prefilling: deque[Job] = deque()
        self._decoding: list[Sequence] = []
        self._free = list(range(engine.slots))
        self._ended: list[RequestStatistics] = []

    @property
    def waiting(self) -> int:
        """Requests that have no slot yet."""
        return len(self._waiting)

    @property
    def running(self) -> int:
        """Answers that have a slot."""
        return self._engine.slots - len(self._free)

    @property
    def has_work(self) -> bool:
        """Whether a step would do anything."""
        return bool(self._waiting or self._prefilling or self._decoding)

    def submit(self, request: GenerateRequest) -> Stream:
        """Let a request wait for its turn. May be called from any thread.

        Raises:
            RequestError: the engine cannot answer it.
            BusyError: as many wait as may.
        """
        request.check_fits(vocabulary=self._engine.vocabulary, context=self._engine.context, slots=self._engine.slots)
        job = Job.of(request)
        try:
            self._waiting.put(job)
        except SeatrialError:
            self.totals.refused += 1
            raise
        return job.stream

    def step(self) -> None:
        """Do a little for everybody."""
        self.totals.steps += 1
        self._end_unwanted(time.monotonic())
        self._admit()
        self._prefill()
        self._decode()
        while self._ended:  # last, so that an observer that raises finds nothing half done
            statistics = self._ended.pop(0)
            if self._observe is not None:
                self._observe(statistics)

    def fail_all(self, error: Exception) -> None:
        """End every request, waiting or running, with this error."""
        for job in self._waiting.drop_all():
            self._end(job, "failed", error)
        for job in {id(job): job for job in self._jobs()}.values():
            self._fail(job, error)

    def _jobs(self) -> list[Job]:
        return [*self._prefilling, *(sequence.job for sequence in self._decoding)]

    def _end_unwanted(self, now: float) -> None:
        for job in self._waiting.drop_ended(now):
            if job.stream.cancelled:
                self._end(job, "cancelled")
            else:
                self._end(job, "deadline", DeadlineError("the time ran out before the request's turn came"))
        for job in self._jobs():
            reason = job.why_ended(now)
            for sequence in list(job.running) if reason else ():
                self._finish(sequence, reason or "cancelled")

    def _admit(self) -> None:
        while job := self._waiting.take(len(self._free)):
            slots = [self._free.pop(0) for _ in range(job.request.n)]
            try:
                job.begin(slots, self._engine.context)
            except Exception as error:  # the caller's own `watch` or `constraint`
                self._free = sorted([*self._free, *slots])
                self._end(job, "failed", _told(error, "the request could not be begun"))
            else:
                self._prefilling.append(job)

    def _prefill(self) -> None:
        """Read prompts, in turn, until the step's share is used up."""
        left = self._prefill_tokens
        while left > 0 and self._prefilling:
            job = self._prefilling.popleft()
            prompt, start = job.request.prompt, job.prefilled
            portion = list(prompt[start : start + left])
            left -= len(portion)
            job.prefilled += len(portion)
            done = job.prefilled == len(prompt)
            try:
                logits = self._engine.prefill(job.running[0].slot, portion, 1 if done else 0)
                for sequence in job.running[1:] if done else ():
                    self._engine.copy(job.running[0].slot, sequence.slot)
            except Exception as error:  # whatever an engine raises is this request's end, not the scheduler's
                self._fail(job, _told(error, "the model failed on the prompt"))
                continue
            if not done:
                self._prefilling.append(job)
                continue
            self._decoding += job.running
            for sequence in list(job.running):
                if sequence in job.running:  # not so when another answer of the request has failed
                    self._choose(sequence, [logits[0].copy()], [])

    def _decode(self) -> None:
        """One token for each running answer, or several for one whose guess holds."""
        drafts = [(sequence, sequence.draft()) for sequence in self._decoding] if self._may_draft() else []
        for sequence, draft in drafts:
            if draft:
                self._check(sequence, draft)
        guessed = {id(sequence) for sequence, draft in drafts if draft}
        batch = [sequence for sequence in self._decoding if id(sequence) not in guessed]
        if not batch:
            return
        try:
            logits = self._engine.decode([s.slot for s in batch], [s.pending for s in batch])
        except Exception as error:  # no slot of this call can be trusted any more
            for job in {id(s.job): s.job for s in batch}.values():
                self._fail(job, _told(error, "the model failed"))
            return
        for row, sequence in enumerate(batch):
            if sequence in sequence.job.running:  # not so when another answer of its request has failed meanwhile
                self._choose(sequence, [logits[row]], [])

    def _may_draft(self) -> bool:
        return len(self._decoding) <= DRAFT_UP_TO

    def _check(self, sequence: Sequence, draft: list[int]) -> None:
        """Compute the pending token and a guess in one call; keep what the sampler chooses as well."""
        if sequence not in sequence.job.running:
            return
        before = len(sequence.job.request.prompt) + sequence.tokens - 1
        try:
            logits = self._engine.prefill(sequence.slot, [sequence.pending, *draft], len(draft) + 1)
            accepted = self._choose(sequence, logits, draft)
            sequence.learn(len(draft), accepted)
            if sequence in sequence.job.running:
                self._engine.trim(sequence.slot, before + 1 + accepted)
        except Exception as error:  # as in `_decode`
            self._fail(sequence.job, _told(error, "the model failed"))

    def _choose(self, sequence: Sequence, logits: Iterable[Any], draft: list[int]) -> int:
        """Choose tokens as long as the guess holds; how many of it did."""
        accepted = 0
        try:
            for row in logits:
                choice = sequence.sampler.choose(row)
                held = accepted < len(draft) and choice.token_id == draft[accepted]
                accepted += held
                reason = sequence.take(choice)
                if reason:
                    self._finish(sequence, reason)
                if reason or not held:
                    break
        except Exception as error:  # the caller's own `watch` or `constraint`
            self._fail(sequence.job, _told(error, "the next token could not be chosen"))
        return accepted

    def _finish(self, sequence: Sequence, reason: FinishReason) -> None:
        job = sequence.job
        self._release(sequence)
        job.stream.put(Finished(sequence.index, reason, sequence.tokens))
        if not job.running:
            outcome: Outcome = reason if reason in ("cancelled", "deadline") else "answered"
            self._end(job, outcome)

    def _fail(self, job: Job, error: Exception) -> None:
        for sequence in list(job.running):
            self._release(sequence)
        self._end(job, "failed", error)

    def _release(self, sequence: Sequence) -> None:
        """Take the slot back; of a request that has no answers left, the rest too."""
        job = sequence.job
        job.running.remove(sequence)
        if sequence in self._decoding:
            self._decoding.remove(sequence)
        if not job.running and job in self._prefilling:
            self._prefilling.remove(job)
        self._free = sorted([*self._free, sequence.slot])
        self._engine.trim(sequence.slot, 0)

    def _end(self, job: Job, outcome: Outcome, error: Exception | None = None) -> None:
        job.statistics.outcome = outcome
        job.statistics.total_s = time.monotonic() - job.submitted
        self.totals.add(job.statistics)
        job.stream.close(error)
        self._ended.append(job.statistics)


def _told(error: Exception, what: str) -> Exception:
    """An error as the caller hears it: one of ours as it is, any other as the reason of one of ours."""
    if isinstance(error, SeatrialError):
        return error
    told = ServiceError(f"{what}: {type(error).__name__}: {error}"[:500], hint="send the request again")
    told.__cause__ = error
    return told
