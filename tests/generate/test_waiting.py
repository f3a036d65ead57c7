from __future__ import annotations

import math

import pytest

from seatrial.errors import BusyError
from seatrial.generate.request import GenerateRequest
from seatrial.generate.sequence import Job
from seatrial.generate.waiting import Waiting


def job(client: str, n: int = 1, deadline: float = math.inf) -> Job:
    return Job.of(GenerateRequest(prompt=[1], client=client, n=n, deadline=deadline))


def taken(waiting: Waiting) -> str:
    found = []
    while (next_job := waiting.take(9)) is not None:
        found.append(next_job.request.client)
    return "".join(found)


def test_clients_take_turns() -> None:
    waiting = Waiting(20)
    for client in "aaaabbc":
        waiting.put(job(client))
    assert taken(waiting) == "abcabaa"
    assert len(waiting) == 0


def test_who_needs_more_slots_keeps_its_place() -> None:
    waiting = Waiting(20)
    waiting.put(job("a", n=3))
    waiting.put(job("b"))
    assert waiting.take(2) is None
    assert taken(waiting) == "ab"


def test_it_is_bounded() -> None:
    waiting = Waiting(1)
    waiting.put(job("a"))
    with pytest.raises(BusyError, match="1 requests"):
        waiting.put(job("b"))


def test_what_nobody_wants_is_taken_out() -> None:
    waiting = Waiting(20)
    jobs = [job("a"), job("a", deadline=5.0), job("b")]
    for one in jobs:
        waiting.put(one)
    jobs[2].stream.cancel()
    assert waiting.drop_ended(now=6.0) == [jobs[1], jobs[2]]
    assert len(waiting) == 1
    assert waiting.drop_all() == [jobs[0]]
    assert len(waiting) == 0
