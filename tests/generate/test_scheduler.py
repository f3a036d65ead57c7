from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from seatrial.errors import BusyError, DeadlineError, RequestError, ServiceError
from seatrial.generate.events import Finished, Token
from seatrial.generate.request import GenerateRequest, SamplingSettings
from seatrial.generate.scheduler import Scheduler
from seatrial.generate.statistics import RequestStatistics

from .counting import VOCABULARY, Counting, Cycling, greedy

GREEDY = SamplingSettings(temperature=0)
DRAWN = SamplingSettings(seed=5, temperature=0.9, top_p=0.95)


def run(scheduler: Scheduler, most: int = 1000) -> int:
    steps = 0
    while scheduler.has_work:
        scheduler.step()
        steps += 1
        assert steps <= most
    return steps


def said(request: GenerateRequest, engine: Counting | None = None) -> tuple[int, ...]:
    scheduler = Scheduler(engine or Counting())
    stream = scheduler.submit(request)
    run(scheduler)
    return stream.answers()[0].token_ids


def test_each_of_many_requests_is_answered_as_if_it_were_alone() -> None:
    engine = Counting()
    scheduler = Scheduler(engine, prefill_tokens=5)
    requests = [
        GenerateRequest(prompt=[i, i + 1, 3, i] * (1 + i % 5), sampling=GREEDY, max_tokens=3 + i, draft_tokens=i % 3)
        for i in range(9)
    ]
    streams = [scheduler.submit(request) for request in requests]
    run(scheduler)
    for request, stream in zip(requests, streams, strict=True):
        assert stream.answers()[0].token_ids == greedy(request.prompt, request.max_tokens or 0)
    assert engine.held == [[], [], [], []]
    assert scheduler.running == scheduler.waiting == 0
    assert max(len(slots) for kind, slots, _ in engine.calls if kind == "decode") == engine.slots
    assert scheduler.totals.answer_tokens == sum(request.max_tokens or 0 for request in requests)


def test_a_request_joins_a_running_batch_and_leaves_it() -> None:
    engine = Counting()
    scheduler = Scheduler(engine)
    first = scheduler.submit(GenerateRequest(prompt=[1], sampling=GREEDY, max_tokens=12))
    for _ in range(3):
        scheduler.step()
    second = scheduler.submit(GenerateRequest(prompt=[2], sampling=GREEDY, max_tokens=3))
    run(scheduler)
    assert [len(slots) for kind, slots, _ in engine.calls if kind == "decode"] == [1] * 3 + [2] * 2 + [1] * 6
    assert first.answers()[0].token_ids == greedy([1], 12)
    assert second.answers()[0].token_ids == greedy([2], 3)


def test_a_long_prompt_does_not_hold_up_the_others() -> None:
    engine = Counting()
    scheduler = Scheduler(engine, prefill_tokens=8)
    short = scheduler.submit(GenerateRequest(prompt=[1, 2], sampling=GREEDY, max_tokens=20))
    scheduler.step()
    scheduler.submit(GenerateRequest(prompt=[3] * 60, sampling=GREEDY, max_tokens=2))
    late = scheduler.submit(GenerateRequest(prompt=[4], sampling=GREEDY, max_tokens=2))
    engine.calls.clear()
    for _ in range(4):
        scheduler.step()
    kinds = [kind for kind, _, _ in engine.calls]
    assert kinds.count("decode") == 4  # a token for the running ones at every step
    assert max(count for _, _, count in engine.calls) <= 8
    assert scheduler.totals.requests == 1  # the late one, with one token to read, did not wait for the sixty
    assert late.answers()[0].token_ids == greedy([4], 2)
    run(scheduler)
    assert short.answers()[0].token_ids == greedy([1, 2], 20)


def test_clients_are_served_in_turn() -> None:
    scheduler = Scheduler(Counting())
    streams = {}
    for client in "aaaaaaab":
        streams[client, len(streams)] = scheduler.submit(
            GenerateRequest(prompt=[1], sampling=GREEDY, max_tokens=5, client=client)
        )
    scheduler.step()
    assert scheduler.waiting == 4
    assert next(iter(streams["b", 7])) == Token(0, next(iter(streams["a", 0])).choice)  # type: ignore[union-attr]
    run(scheduler)


def test_a_large_request_is_not_overtaken_for_ever() -> None:
    scheduler = Scheduler(Counting())
    order: list[str] = []
    small = [scheduler.submit(GenerateRequest(prompt=[1], sampling=GREEDY, max_tokens=4)) for _ in range(2)]
    scheduler.step()
    large = scheduler.submit(GenerateRequest(prompt=[2], sampling=GREEDY, max_tokens=2, n=4))
    late = scheduler.submit(GenerateRequest(prompt=[3], sampling=GREEDY, max_tokens=2))
    for name, stream in (("large", large), ("late", late)):
        stream.put = lambda event, name=name: order.append(name)  # type: ignore[method-assign]
    run(scheduler)
    assert order[0] == "large"
    assert [len(stream.answers()) for stream in small] == [1, 1]


def test_several_answers_share_one_prompt_and_draw_differently() -> None:
    engine = Counting()
    scheduler = Scheduler(engine)
    stream = scheduler.submit(GenerateRequest(prompt=[1, 2, 3], sampling=DRAWN, max_tokens=10, n=4))
    run(scheduler)
    answers = [answer.token_ids for answer in stream.answers()]
    assert [count for kind, _, count in engine.calls if kind == "prefill"] == [3]
    assert len(set(answers)) == 4
    assert answers[0] == said(GenerateRequest(prompt=[1, 2, 3], sampling=DRAWN, max_tokens=10))


def test_draws_depend_on_the_seed_and_not_on_the_company() -> None:
    alone = said(GenerateRequest(prompt=[4, 5], sampling=DRAWN, max_tokens=15))
    scheduler = Scheduler(Counting(), prefill_tokens=2)
    streams = [
        scheduler.submit(GenerateRequest(prompt=prompt, sampling=settings, max_tokens=15))
        for prompt, settings in [([9], SamplingSettings()), ([4, 5], DRAWN), ([7] * 9, SamplingSettings(seed=5))]
    ]
    run(scheduler)
    assert streams[1].answers()[0].token_ids == alone
    assert alone != said(GenerateRequest(prompt=[4, 5], sampling=SamplingSettings(seed=6), max_tokens=15))


@pytest.mark.parametrize("sampling", [GREEDY, *(SamplingSettings(seed=seed, top_k=5) for seed in range(8))])
@pytest.mark.parametrize("engine", [Counting, Cycling])
def test_guessing_ahead_changes_nothing(engine: type[Counting], sampling: SamplingSettings) -> None:
    prompt = [0, 1, 2, 3, 4, 0, 1, 2]
    plain = said(GenerateRequest(prompt=prompt, sampling=sampling, max_tokens=40), engine())
    drafted = said(GenerateRequest(prompt=prompt, sampling=sampling, max_tokens=40, draft_tokens=4), engine())
    assert drafted == plain


def test_guesses_save_calls_and_are_counted() -> None:
    engine, seen = Cycling(), list[RequestStatistics]()
    scheduler = Scheduler(engine, observe=seen.append)
    scheduler.submit(GenerateRequest(prompt=[0, 1, 2, 3, 4, 0, 1], sampling=GREEDY, max_tokens=31, draft_tokens=4))
    assert run(scheduler) <= 8
    assert seen[0].drafted == seen[0].accepted >= 20
    assert seen[0].answer_tokens == 31


def test_what_ends_an_answer() -> None:
    def told(**changes: object) -> Finished:
        scheduler = Scheduler(Counting())
        stream = scheduler.submit(GenerateRequest(prompt=[1, 2], sampling=GREEDY, **changes))  # type: ignore[arg-type]
        run(scheduler)
        *_, last = stream
        assert isinstance(last, Finished)
        return last

    expected = greedy([1, 2], 62)
    assert told(max_tokens=7) == Finished(0, "length", 7)
    assert told() == Finished(0, "length", 62)  # the context holds 64
    stop = expected[4]
    assert told(stop_ids=frozenset({stop})) == Finished(0, "stop", expected.index(stop) + 1)
    heard: list[int] = []

    def watch() -> Callable[[int], bool]:
        return lambda token_id: heard.append(token_id) or len(heard) == 6  # type: ignore[func-returns-value]

    assert told(watch=watch) == Finished(0, "stop", 6)
    assert tuple(heard) == expected[:6]


def test_a_cancelled_request_leaves_at_the_next_step() -> None:
    engine = Counting()
    scheduler = Scheduler(engine)
    streams = [scheduler.submit(GenerateRequest(prompt=[i], sampling=GREEDY)) for i in range(6)]
    scheduler.step()
    streams[1].cancel()
    streams[5].cancel()  # still waits
    scheduler.step()
    assert list(streams[5]) == []
    assert list(streams[1])[-1] == Finished(0, "cancelled", 2)
    assert scheduler.running == 4  # the one that waited has its slot
    assert scheduler.waiting == 0
    assert scheduler.totals.cancelled == 2
    scheduler.fail_all(BusyError("over"))


def test_deadlines_end_what_runs_and_refuse_what_waits() -> None:
    scheduler = Scheduler(Counting())
    running = scheduler.submit(GenerateRequest(prompt=[1], sampling=GREEDY, n=4, deadline=time.monotonic() + 1e6))
    scheduler.step()
    for sequence in scheduler._decoding:
        object.__setattr__(sequence.job.request, "deadline", 0.0)
    waiting = scheduler.submit(GenerateRequest(prompt=[1], sampling=GREEDY, deadline=0.0))
    scheduler.step()
    assert {answer.reason for answer in running.answers()} == {"deadline"}
    with pytest.raises(DeadlineError):
        list(waiting)
    assert not scheduler.has_work


def test_the_queue_is_bounded_and_what_does_not_fit_is_refused() -> None:
    scheduler = Scheduler(Counting(), max_waiting=2)
    for _ in range(2):
        scheduler.submit(GenerateRequest(prompt=[1]))
    with pytest.raises(BusyError):
        scheduler.submit(GenerateRequest(prompt=[1]))
    assert scheduler.totals.refused == 1
    with pytest.raises(RequestError):
        scheduler.submit(GenerateRequest(prompt=[1] * 64))


class Failing(Counting):
    """Fails on a prompt that holds 13, and whenever it decodes 14."""

    def prefill(self, slot: int, token_ids: Sequence[int], last: int = 1) -> np.ndarray:
        if 13 in token_ids:
            raise RuntimeError("thirteen")
        return super().prefill(slot, token_ids, last)

    def decode(self, slots: Sequence[int], token_ids: Sequence[int]) -> np.ndarray:
        if 14 in token_ids:
            raise RuntimeError("fourteen")
        return super().decode(slots, token_ids)


def test_an_error_of_the_engine_ends_those_it_concerns_and_nobody_else() -> None:
    engine = Failing()
    scheduler = Scheduler(engine)
    bad = scheduler.submit(GenerateRequest(prompt=[13], sampling=GREEDY, n=2))
    good = scheduler.submit(GenerateRequest(prompt=[1], sampling=GREEDY, max_tokens=5))
    run(scheduler)
    with pytest.raises(ServiceError, match="RuntimeError: thirteen"):
        list(bad)
    assert good.answers()[0].token_ids == greedy([1], 5)
    batch = [
        scheduler.submit(
            GenerateRequest(prompt=[i], sampling=SamplingSettings(temperature=0, logit_bias={14: 50.0}), max_tokens=3)
        )
        for i in (1, 2)
    ]
    run(scheduler)
    for stream in batch:
        with pytest.raises(ServiceError, match="fourteen"):
            list(stream)
    assert said(GenerateRequest(prompt=[2], sampling=GREEDY, max_tokens=4), engine) == greedy([2], 4)
    assert scheduler.totals.failed == 3
    assert engine.held == [[], [], [], []]


class Only:
    """Allows one token after the other; then nothing."""

    def __init__(self) -> None:
        self.left = [5, 6, 7]

    def allowed(self) -> np.ndarray:
        mask = np.zeros(VOCABULARY, dtype=bool)
        mask[self.left[:1]] = True
        return mask

    def advance(self, token_id: int) -> None:
        assert self.left.pop(0) == token_id


@pytest.mark.parametrize("sampling", [GREEDY, SamplingSettings(seed=1, log_probabilities=0)])
def test_a_constraint_says_what_may_follow(sampling: SamplingSettings) -> None:
    assert said(GenerateRequest(prompt=[1], sampling=sampling, max_tokens=3, constraint=Only)) == (5, 6, 7)
    scheduler = Scheduler(Counting())
    stream = scheduler.submit(GenerateRequest(prompt=[1], sampling=sampling, constraint=Only))
    run(scheduler)
    with pytest.raises(ServiceError, match="allows no token"):
        list(stream)


def test_what_a_caller_brings_may_fail_without_harm() -> None:
    def watch() -> Callable[[int], bool]:
        raise KeyError("mine")

    def late() -> Callable[[int], bool]:
        def hear(token_id: int) -> bool:
            raise KeyError("later")

        return hear

    engine = Counting()
    scheduler = Scheduler(engine)
    streams = [scheduler.submit(GenerateRequest(prompt=[1], watch=made, n=2)) for made in (watch, late)]
    run(scheduler)
    for stream in streams:
        with pytest.raises(ServiceError, match="KeyError"):
            list(stream)
    assert scheduler.running == 0
    assert said(GenerateRequest(prompt=[1], sampling=GREEDY, max_tokens=2), engine) == greedy([1], 2)


def test_statistics_of_a_request() -> None:
    seen: list[RequestStatistics] = []
    scheduler = Scheduler(Counting(), observe=seen.append)
    scheduler.submit(GenerateRequest(prompt=[1, 2, 3], sampling=GREEDY, max_tokens=6, n=2))
    run(scheduler)
    (found,) = seen
    assert (found.prompt_tokens, found.answer_tokens, found.outcome) == (3, 12, "answered")
    assert len(found.between_tokens_s) == 10
    assert found.waited_s is not None
    assert found.first_token_s is not None
    assert 0 <= found.waited_s <= found.first_token_s <= found.total_s
