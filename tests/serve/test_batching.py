"""Dynamic batching: nothing waits without need, nothing starves, nothing is computed for nobody."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.errors import BusyError
from seatrial.serve.batching import Batcher, pick_batch


class Computer:
    """Doubles the first number of each item; waits at a gate, so that a test decides when a batch is finished."""

    def __init__(self) -> None:
        self.gate = threading.Semaphore(0)
        self.batches: list[list[list[int]]] = []

    def __call__(self, items: Sequence[list[int]]) -> list[int]:
        self.batches.append(list(items))
        assert self.gate.acquire(timeout=10)
        return [item[0] * 2 for item in items]


def item(value: int, length: int = 1) -> list[int]:
    return [value] * length


async def until(condition: object) -> None:
    """Give the loop and the worker threads time until `condition()` holds."""
    assert callable(condition)
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.001)


def test_pick_takes_what_is_near_in_length_and_always_the_oldest() -> None:
    assert pick_batch([100, 5, 98, 6], max_items=8, max_tokens=4096, run_cost_tokens=8) == [0, 2]


def test_pick_joins_short_texts_when_a_run_is_dear() -> None:
    assert pick_batch([30, 5, 28], max_items=8, max_tokens=4096, run_cost_tokens=64) == [0, 1, 2]


def test_pick_lets_a_single_item_exceed_the_budget() -> None:
    assert pick_batch([500, 500], max_items=8, max_tokens=100, run_cost_tokens=8) == [0]


@given(
    lengths=st.lists(st.integers(1, 200), min_size=1, max_size=60),
    max_items=st.integers(1, 40),
    max_tokens=st.integers(16, 4096),
    run_cost=st.integers(0, 64),
)
def test_pick_keeps_its_bounds(lengths: list[int], max_items: int, max_tokens: int, run_cost: int) -> None:
    chosen = pick_batch(lengths, max_items=max_items, max_tokens=max_tokens, run_cost_tokens=run_cost)
    assert chosen[0] == 0
    assert chosen == sorted(set(chosen))
    assert len(chosen) <= max_items
    padded = len(chosen) * max(lengths[i] for i in chosen)
    assert len(chosen) == 1 or padded <= max_tokens
    # joining must never cost more than a run for each
    assert padded <= sum(lengths[i] for i in chosen) + run_cost * (len(chosen) - 1)


def test_a_lone_request_starts_at_once() -> None:
    async def check() -> None:
        computer = Computer()
        batcher = Batcher(computer)
        task = asyncio.create_task(batcher.submit([item(21)]))
        await until(lambda: computer.batches)
        computer.gate.release()
        assert await task == [42]
        await batcher.close(1)

    asyncio.run(check())


def test_what_arrives_while_the_engine_works_is_computed_together_and_answered_in_order() -> None:
    async def check() -> None:
        computer = Computer()
        batcher = Batcher(computer)
        first = asyncio.create_task(batcher.submit([item(1)]))
        await until(lambda: computer.batches)
        others = [asyncio.create_task(batcher.submit([item(10 * n), item(10 * n + 1)])) for n in (1, 2, 3)]
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
        assert await batcher.submit([item(1, 100), item(2, 3), item(3, 100), item(4, 3)]) == [2, 4, 6, 8]
        assert [[i[0] for i in batch] for batch in computer.batches] == [[1, 3], [2, 4]]
        await batcher.close(1)

    asyncio.run(check())


def test_cancelled_work_is_dropped_before_it_is_computed() -> None:
    async def check() -> None:
        computer = Computer()
        batcher = Batcher(computer)
        first = asyncio.create_task(batcher.submit([item(1)]))
        await until(lambda: computer.batches)
        gone = asyncio.create_task(batcher.submit([item(2)]))
        kept = asyncio.create_task(batcher.submit([item(3)]))
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
        first = asyncio.create_task(batcher.submit([item(1)]))
        await until(lambda: computer.batches)
        waiting = asyncio.create_task(batcher.submit([item(2), item(3)]))
        await until(lambda: batcher.waiting == 2)
        with pytest.raises(BusyError) as refused:
            await batcher.submit([item(4)])
        assert refused.value.retry_after_s >= 1
        computer.gate.release(3)
        assert await first == [2]
        assert await waiting == [4, 6]
        assert await batcher.submit([item(5)]) == [10]
        await batcher.close(1)

    asyncio.run(check())


def test_room_held_by_cancelled_work_is_given_back() -> None:
    async def check() -> None:
        computer = Computer()
        batcher = Batcher(computer, max_waiting=1)
        first = asyncio.create_task(batcher.submit([item(1)]))
        await until(lambda: computer.batches)
        gone = asyncio.create_task(batcher.submit([item(2)]))
        await until(lambda: batcher.waiting == 1)
        gone.cancel()
        await asyncio.sleep(0)
        kept = asyncio.create_task(batcher.submit([item(3)]))
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
            await batcher.submit([item(-1)])
        assert await batcher.submit([item(1)]) == [1]
        await batcher.close(1)

    asyncio.run(check())


def test_workers_compute_batches_side_by_side() -> None:
    async def check() -> None:
        computer = Computer()
        batcher = Batcher(computer, workers=2)
        tasks = [asyncio.create_task(batcher.submit([item(n)])) for n in (1, 2)]
        await until(lambda: len(computer.batches) == 2)
        computer.gate.release(2)
        assert await asyncio.gather(*tasks) == [[2], [4]]
        await batcher.close(1)

    asyncio.run(check())


def test_closing_answers_what_was_accepted_and_takes_no_more() -> None:
    async def check() -> None:
        computer = Computer()
        batcher = Batcher(computer)
        tasks = [asyncio.create_task(batcher.submit([item(n)])) for n in (1, 2)]
        await until(lambda: computer.batches)
        closing = asyncio.create_task(batcher.close(10))
        await asyncio.sleep(0)
        with pytest.raises(BusyError, match="stopping"):
            await batcher.submit([item(3)])
        computer.gate.release(2)
        assert await asyncio.gather(*tasks) == [[2], [4]]
        await closing

    asyncio.run(check())


def test_closing_gives_up_after_its_grace() -> None:
    async def check() -> None:
        computer = Computer()
        batcher = Batcher(computer)
        computed = asyncio.create_task(batcher.submit([item(1)]))
        await until(lambda: computer.batches)
        waiting = asyncio.create_task(batcher.submit([item(2)]))
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
        heard: list[tuple[int, int]] = []
        batcher = Batcher(
            lambda items: [0] * len(items), observe=lambda items, tokens, seconds: heard.append((items, tokens))
        )
        await batcher.submit([item(1, 4), item(2, 5)])
        assert heard == [(2, 10)]
        await batcher.close(1)

    asyncio.run(check())
