from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from seatrial.errors import BusyError, ServiceError
from seatrial.generate.events import Finished
from seatrial.generate.request import GenerateRequest, SamplingSettings
from seatrial.generate.runner import Runner

from .counting import Counting, greedy

GREEDY = SamplingSettings(temperature=0)


def test_many_threads_are_answered_by_one() -> None:
    class Owned(Counting):
        threads: set[int] = set()  # noqa: RUF012 - one engine

        def decode(self, slots: Sequence[int], token_ids: Sequence[int]) -> np.ndarray:
            self.threads.add(threading.get_ident())
            return super().decode(slots, token_ids)

    def ask(i: int) -> tuple[int, ...]:
        request = GenerateRequest(prompt=[i % 17, 3], sampling=GREEDY, max_tokens=9, draft_tokens=i % 2)
        return runner.submit(request).answers()[0].token_ids

    with Runner(Owned()) as runner, ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(40))) == [greedy([i % 17, 3], 9) for i in range(40)]
    assert len(Owned.threads) == 1


def test_an_event_loop_reads_many_streams() -> None:
    async def ask(runner: Runner, i: int) -> list[object]:
        request = GenerateRequest(prompt=[i], sampling=GREEDY, max_tokens=5)
        return [event async for event in runner.submit(request)]

    async def ask_all(runner: Runner) -> list[list[object]]:
        return await asyncio.gather(*(ask(runner, i) for i in range(12)))

    with Runner(Counting()) as runner:
        for events in asyncio.run(ask_all(runner)):
            assert len(events) == 6
            assert isinstance(events[-1], Finished)


def test_closing_ends_what_runs_and_refuses_what_comes() -> None:
    class Endless(Counting):
        context = 1_000_000

    runner = Runner(Endless())
    stream = runner.submit(GenerateRequest(prompt=[1], sampling=GREEDY))
    next(events := iter(stream))
    runner.close()
    with pytest.raises(BusyError, match="stopping"):
        list(events)
    with pytest.raises(BusyError, match="stopping"):
        runner.submit(GenerateRequest(prompt=[1]))


def test_closing_with_grace_answers_what_was_accepted() -> None:
    runner = Runner(Counting())
    streams = [runner.submit(GenerateRequest(prompt=[i], sampling=GREEDY, max_tokens=9)) for i in range(9)]
    runner.close(grace_s=60)
    assert [stream.answers()[0].token_ids for stream in streams] == [greedy([i], 9) for i in range(9)]


def test_the_thread_outlives_an_observer_that_fails() -> None:
    def observe(statistics: object) -> None:
        runner._scheduler._observe = None
        raise KeyError("mine")

    def ask() -> tuple[int, ...] | None:
        try:
            return runner.submit(GenerateRequest(prompt=[1], sampling=GREEDY, max_tokens=2)).answers()[0].token_ids
        except ServiceError:  # it came while the observer failed
            return None

    with Runner(Counting(), observe=observe) as runner:
        assert greedy([1], 2) in [ask() for _ in range(3)][1:]
