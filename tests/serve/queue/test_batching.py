"""Dynamic batching: nothing waits without need, nothing starves, nothing is computed for nobody."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Callable, Sequence

import pytest

from seatrial.errors import BusyError, DeadlineError
from seatrial.serve.queue.batching import Batch, Batcher

from ...timeliness import in_time, timely


class Computer:
    """Doubles the first number of each item; waits at a gate, so that a test decides when a batch is finished."""

    def __init__(self) -> None:
        self.gate = threading.Semaphore(0)
        self.batches: list[list[list[int]]] = []

    def __call__(self, items: Sequence[list[int]]) -> list[int]:
        self.batches.append(list(items))
        assert self.gate.acquire(timeout=60)
        return [item[0] * 2 for item in items]


async def submit(batcher: Batcher[list[int], int], items: Sequence[list[int]], deadline: float = math.inf) -> list[int]:
    return (await batcher.submit(items, deadline=deadline)).answers


def item(value: int, length: int = 1) -> list[int]:
    return [value] * length


async def until(condition: Callable[[], object]) -> None:
    """Give the loop and the worker threads time until `condition()` holds."""
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.001)


def test_a_lone_request_starts_at_once() -> None:
    async def check() -> None:
        computer = Computer()
        batcher = Batcher(computer)
        task = asyncio.create_task(submit(batcher, [item(21)]))
        await until(lambda: computer.batches)
        computer.gate.release()
        assert await task == [42]
        await batcher.close(1)

    asyncio.run(check())


def test_what_arrives_while_the_engine_works_is_computed_together_and_answered_in_order() -> None:
    async def check() -> None:
        computer = Computer()
        batcher = Batcher(computer)
        first = asyncio.create_task(submit(batcher, [item(1)]))
        await until(lambda: computer.batches)
        others = [asyncio.create_task(submit(batcher, [item(10 * n), item(10 * n + 1)])) for n in (1, 2, 3)]
        await until(lambda: batcher.waiting == 6)
        for _ in range(2):
            computer.gate.release()
        assert await first == [2]
        assert await asyncio.gather(*others) == [[20, 22], [40, 42], [60, 62]]
        assert [len(batch) for batch in computer.batches] == [1, 6]
        await batcher.close(1)

    asyncio.run(check())


def test_a_request_whose_texts_fall_into_several_batches_is_answered_in_order() -> None:
    async def check() -> None:
        computer = Computer()
        batcher = Batcher(computer)
        computer.gate.release(5)
        assert await submit(batcher, [item(1, 100), item(2, 3), item(3, 100), item(4, 3)]) == [2, 4, 6, 8]
        assert [[i[0] for i in batch] for batch in computer.batches] == [[1, 3], [2, 4]]
        await batcher.close(1)

    asyncio.run(check())


def test_cancelled_work_is_dropped_before_it_is_computed() -> None:
    async def check() -> None:
        computer = Computer()
        batcher = Batcher(computer)
        first = asyncio.create_task(submit(batcher, [item(1)]))
        await until(lambda: computer.batches)
        gone = asyncio.create_task(submit(batcher, [item(2)]))
        kept = asyncio.create_task(submit(batcher, [item(3)]))
        await until(lambda: batcher.waiting == 2)
        gone.cancel()
        computer.gate.release(2)
        assert await first == [2]
        assert await kept == [6]
        assert computer.batches == [[item(1)], [item(3)]]
        await batcher.close(1)

    asyncio.run(check())


def test_a_full_queue_refuses_with_the_time_to_wait_and_goes_on() -> None:
    async def check() -> None:
        computer = Computer()
        batcher = Batcher(computer, max_waiting=2)
        first = asyncio.create_task(submit(batcher, [item(1)]))
        await until(lambda: computer.batches)
        waiting = asyncio.create_task(submit(batcher, [item(2), item(3)]))
        await until(lambda: batcher.waiting == 2)
        with pytest.raises(BusyError) as refused:
            await submit(batcher, [item(4)])
        assert refused.value.retry_after_s >= 1
        computer.gate.release(3)
        assert await first == [2]
        assert await waiting == [4, 6]
        assert await submit(batcher, [item(5)]) == [10]
        await batcher.close(1)

    asyncio.run(check())


def test_room_held_by_cancelled_work_is_given_back() -> None:
    async def check() -> None:
        computer = Computer()
        batcher = Batcher(computer, max_waiting=1)
        first = asyncio.create_task(submit(batcher, [item(1)]))
        await until(lambda: computer.batches)
        gone = asyncio.create_task(submit(batcher, [item(2)]))
        await until(lambda: batcher.waiting == 1)
        gone.cancel()
        await asyncio.sleep(0)
        kept = asyncio.create_task(submit(batcher, [item(3)]))
        computer.gate.release(2)
        assert await first == [2]
        assert await kept == [6]
        await batcher.close(1)

    asyncio.run(check())


def test_a_failure_reaches_every_caller_of_the_batch_and_no_other() -> None:
    async def check() -> None:
        def compute(items: Sequence[list[int]]) -> list[int]:
            if any(i[0] < 0 for i in items):
                raise ArithmeticError("negative")
            return [i[0] for i in items]

        batcher = Batcher(compute)
        with pytest.raises(ArithmeticError):
            await submit(batcher, [item(-1)])
        assert await submit(batcher, [item(1)]) == [1]
        await batcher.close(1)

    asyncio.run(check())


def test_workers_compute_batches_side_by_side() -> None:
    async def check() -> None:
        computer = Computer()
        batcher = Batcher(computer, workers=2)
        tasks = [asyncio.create_task(submit(batcher, [item(n)])) for n in (1, 2)]
        await until(lambda: len(computer.batches) == 2)
        computer.gate.release(2)
        assert await asyncio.gather(*tasks) == [[2], [4]]
        await batcher.close(1)

    asyncio.run(check())


def test_closing_answers_what_was_accepted_and_takes_no_more() -> None:
    async def check() -> None:
        computer = Computer()
        batcher = Batcher(computer)
        tasks = [asyncio.create_task(submit(batcher, [item(n)])) for n in (1, 2)]
        await until(lambda: computer.batches)
        closing = asyncio.create_task(batcher.close(10))
        await asyncio.sleep(0)
        with pytest.raises(BusyError, match="stopping"):
            await submit(batcher, [item(3)])
        computer.gate.release(2)
        assert await asyncio.gather(*tasks) == [[2], [4]]
        await closing

    asyncio.run(check())


def test_closing_gives_up_after_its_grace() -> None:
    async def check() -> None:
        computer = Computer()
        batcher = Batcher(computer)
        computed = asyncio.create_task(submit(batcher, [item(1)]))
        await until(lambda: computer.batches)
        waiting = asyncio.create_task(submit(batcher, [item(2)]))
        await until(lambda: batcher.waiting == 1)
        await batcher.close(0.01)
        with pytest.raises(BusyError, match="stopping"):
            await waiting
        computer.gate.release(2)
        assert await computed == [2]
        assert len(computer.batches) == 1

    asyncio.run(check())


def test_the_observer_hears_items_and_padded_tokens() -> None:
    async def check() -> None:
        heard: list[Batch] = []
        batcher = Batcher(lambda items: [0] * len(items), observe=heard.append)
        await submit(batcher, [item(1, 4), item(2, 5)])
        (batch,) = heard
        assert (batch.items, batch.tokens, batch.padded_tokens) == (2, 9, 10)
        assert batch.seconds > 0
        await batcher.close(1)

    asyncio.run(check())


def test_the_queue_is_bounded_in_tokens_too_but_a_lone_giant_is_computed() -> None:
    async def check() -> None:
        computer = Computer()
        batcher = Batcher(computer, max_waiting_tokens=10)
        first = asyncio.create_task(submit(batcher, [item(1, 50)]))  # the queue is empty: it may be as long as it likes
        await until(lambda: computer.batches)
        second = asyncio.create_task(submit(batcher, [item(2, 8)]))
        await until(lambda: batcher.waiting_tokens == 8)
        with pytest.raises(BusyError, match="busy"):
            await submit(batcher, [item(3, 3)])
        third = asyncio.create_task(submit(batcher, [item(4, 2)]))
        await until(lambda: batcher.waiting_tokens == 10)
        assert batcher.in_flight == 3
        computer.gate.release(3)
        assert await asyncio.gather(first, second, third) == [[2], [4], [8]]
        assert (batcher.waiting_tokens, batcher.in_flight) == (0, 0)
        await batcher.close(1)

    asyncio.run(check())


def test_expired_work_is_refused_without_being_computed() -> None:
    async def check() -> None:
        computer = Computer()
        batcher = Batcher(computer)
        first = asyncio.create_task(submit(batcher, [item(1)]))
        await until(lambda: computer.batches)
        late = asyncio.create_task(submit(batcher, [item(2)], deadline=time.monotonic() + 0.02))
        patient = asyncio.create_task(submit(batcher, [item(3)], deadline=time.monotonic() + 10))
        await asyncio.sleep(0.05)
        computer.gate.release(2)
        with pytest.raises(DeadlineError, match="too late") as refused:
            await late
        assert refused.value.retry_after_s >= 1
        assert await asyncio.gather(first, patient) == [[2], [6]]
        assert computer.batches == [[item(1)], [item(3)]]
        await batcher.close(1)

    asyncio.run(check())


@pytest.mark.timed
def test_what_cannot_be_done_in_time_is_refused_at_once() -> None:
    async def check() -> None:
        go = threading.Event()
        go.set()

        def compute(items: Sequence[list[int]]) -> list[int]:
            time.sleep(0.05)
            assert go.wait(60)
            return [i[0] for i in items]

        batcher = Batcher(compute, max_items=1)
        await submit(batcher, [item(1)])  # now it knows how slow it is
        go.clear()
        waiting = [asyncio.create_task(submit(batcher, [item(n)])) for n in range(10)]
        await until(lambda: batcher.waiting == 9)
        started = time.monotonic()
        with pytest.raises(DeadlineError, match="too late") as refused:
            await submit(batcher, [item(3)], deadline=started + 0.1)
        took_s = time.monotonic() - started
        assert "more time" in str(refused.value.hint)
        go.set()
        await asyncio.gather(*waiting)
        await batcher.close(1)
        in_time(took_s, 0.04, "seconds that it was made to wait for its refusal")

    asyncio.run(check())


@pytest.mark.timed
def test_who_would_wait_too_long_is_refused_whatever_their_deadline() -> None:
    async def check() -> None:
        def compute(items: Sequence[list[int]]) -> list[int]:
            time.sleep(0.05)
            return [i[0] for i in items]

        batcher = Batcher(compute, max_items=1, max_wait_s=0.3)
        await submit(batcher, [item(1)])  # now it knows how slow it is
        waiting: list[asyncio.Task[list[int]]] = []
        with pytest.raises(BusyError) as refused:
            for n in range(100):
                batcher.check_room(1, math.inf)
                waiting.append(asyncio.create_task(submit(batcher, [item(n)])))
                await asyncio.sleep(0)
        assert len(waiting) <= 8, "0.3 s at 0.05 s each"
        assert batcher.expected_wait_s > 0.3
        assert refused.value.retry_after_s == 1
        assert await asyncio.gather(*waiting) == [[n] for n in range(len(waiting))], "who was let in is answered"
        await submit(batcher, [item(1)])
        await batcher.close(1)
        timely(len(waiting) >= 2, "0.3 s at 0.05 s each")

    asyncio.run(check())


@pytest.mark.timed
def test_a_batch_is_kept_within_its_time() -> None:
    async def check() -> None:
        heard: list[Batch] = []

        def compute(items: Sequence[list[int]]) -> list[int]:
            time.sleep(0.0005 * len(items) * max(map(len, items)))
            return [i[0] for i in items]

        batcher = Batcher(compute, max_batch_s=0.02, observe=heard.append)
        for length in (1, 4, 8, 16) * 4:  # what it learns from
            await submit(batcher, [item(1, length)])
        heard.clear()
        await asyncio.gather(*(submit(batcher, [item(n, 10)]) for n in range(40)))
        assert sum(batch.items for batch in heard) == 40
        await batcher.close(1)
        timely(max(batch.items for batch in heard[1:]) > 1, "no batches are made")
        tokens = max(batch.padded_tokens for batch in heard)
        timely(tokens <= 60, f"{tokens} tokens, and 20 ms are 40 of 0.5 ms; clocks are coarse")

    asyncio.run(check())


@pytest.mark.timed
def test_the_answer_tells_where_the_time_went() -> None:
    async def check() -> None:
        computer = Computer()
        batcher = Batcher(computer)
        first = asyncio.create_task(batcher.submit([item(1)]))
        await until(lambda: computer.batches)
        second = asyncio.create_task(batcher.submit([item(2)]))
        await asyncio.sleep(0.03)
        computer.gate.release(2)
        early, late = await asyncio.gather(first, second)
        await batcher.close(1)
        assert early.computed_s > 0.02
        assert late.waited_s > 0.02
        in_time(early.waited_s, 0.02, "seconds that a lone request waits")
        in_time(late.computed_s, 0.02, "seconds to compute nothing")

    asyncio.run(check())


def test_what_cannot_be_done_in_time_is_dropped_before_it_is_computed() -> None:
    async def check() -> None:
        computed: list[int] = []

        def compute(items: Sequence[list[int]]) -> list[int]:
            time.sleep(0.1)
            computed.extend(item[0] for item in items)
            return [item[0] for item in items]

        batcher = Batcher(compute, max_items=1)
        for number in range(20):  # it learns that a batch takes 0.1 s, and always the same
            await submit(batcher, [item(number)])
            if batcher._pace.lead_s < 0.14 and number > 2:  # sleeps are not exact
                break
        computed.clear()
        first = asyncio.create_task(submit(batcher, [item(100, 1)]))
        await until(lambda: batcher.in_flight == 1 and not batcher.waiting)
        late = asyncio.create_task(submit(batcher, [item(101)], deadline=time.monotonic() + 10))
        await until(lambda: batcher.waiting == 1)
        batcher._queue[0].request.deadline = time.monotonic() + 0.15  # it would be let in no more
        other = asyncio.create_task(submit(batcher, [item(102)]))
        with pytest.raises(DeadlineError):  # 0.1 s to wait and 0.1 s to compute are more than 0.15 s
            await late
        await asyncio.gather(first, other)
        assert computed == [100, 102]
        await batcher.close(1)

    asyncio.run(check())


def test_a_short_deadline_is_tried_while_nothing_else_runs() -> None:
    async def check() -> None:
        seconds = [1.0]

        def compute(items: Sequence[list[int]]) -> list[int]:
            time.sleep(seconds[0])
            return [item[0] for item in items]

        batcher = Batcher(compute)
        await submit(batcher, [item(1)])  # a slow moment of the machine
        seconds[0] = 0.0
        assert await submit(batcher, [item(2)], deadline=time.monotonic() + 0.9) == [2]
        await batcher.close(1)

    asyncio.run(check())


def test_room_can_be_asked_for_before_anything_is_tokenized() -> None:
    async def check() -> None:
        computer = Computer()
        batcher = Batcher(computer, max_items=1, max_waiting=2)
        batcher.check_room(2, math.inf)
        waiting = [asyncio.create_task(submit(batcher, [item(n)])) for n in range(3)]
        await until(lambda: batcher.waiting == 2)
        with pytest.raises(BusyError):
            batcher.check_room(1, math.inf)
        computer.gate.release(3)
        await asyncio.gather(*waiting)
        await batcher.close(1)
        with pytest.raises(BusyError):
            batcher.check_room(1, math.inf)

    asyncio.run(check())


@pytest.mark.timed
def test_whoever_waits_is_told_when_its_time_is_over_though_the_engine_still_works() -> None:
    async def check() -> None:
        computer = Computer()
        batcher = Batcher(computer)
        first = asyncio.create_task(submit(batcher, [item(1)]))
        await until(lambda: computer.batches)
        started = time.monotonic()
        waiting = [asyncio.create_task(submit(batcher, [item(n)], started + 0.05 * n)) for n in (3, 1, 2)]
        for number in (1, 2, 0):
            with pytest.raises(DeadlineError):
                await asyncio.wait_for(waiting[number], 60)
        took_s = time.monotonic() - started
        assert took_s >= 0.15
        assert not batcher.waiting
        computer.gate.release()
        assert await first == [2]
        await batcher.close(1)
        in_time(took_s, 2, "seconds until all three are told")

    asyncio.run(check())


def test_an_empty_queue_takes_any_request() -> None:
    async def check() -> None:
        batcher = Batcher(lambda items: [i[0] for i in items], max_waiting=2)
        assert await submit(batcher, [item(n) for n in range(9)]) == list(range(9))
        await batcher.close(1)

    asyncio.run(check())


@pytest.mark.parametrize("answers", [[], [1], [1, 2, 3]])
def test_a_wrong_number_of_answers_fails_and_nobody_waits_for_ever(answers: list[int]) -> None:
    async def check() -> None:
        wrong = [answers]
        batcher = Batcher(lambda items: wrong.pop() if wrong else [i[0] for i in items])
        with pytest.raises(RuntimeError, match="2 items"):
            await asyncio.wait_for(submit(batcher, [item(1), item(2)]), 60)
        assert await submit(batcher, [item(3)]) == [3]
        await asyncio.wait_for(batcher.close(50), 30)

    asyncio.run(check())


def test_an_item_without_tokens_is_computed() -> None:
    async def check() -> None:
        batcher = Batcher(lambda items: [len(i) for i in items])
        assert await asyncio.wait_for(submit(batcher, [[]]), 60) == [0]
        assert await submit(batcher, [item(1)]) == [1]
        await batcher.close(1)

    asyncio.run(check())


def test_a_run_that_costs_more_than_a_batch_may_take_is_shared_all_the_same() -> None:
    async def check() -> None:
        heard: list[Batch] = []

        def compute(items: Sequence[list[int]]) -> list[int]:
            time.sleep(0.01 + 0.0002 * len(items) * max(map(len, items)))
            return [i[0] for i in items]

        batcher = Batcher(compute, max_batch_s=0.005, observe=heard.append)
        for length in (1, 4, 8, 16) * 4:
            await submit(batcher, [item(1, length)])
        heard.clear()
        await asyncio.gather(*(submit(batcher, [item(n, 4)]) for n in range(40)))
        assert len(heard) < 20
        await batcher.close(1)

    asyncio.run(check())
