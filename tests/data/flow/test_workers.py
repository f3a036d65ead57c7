from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

import pytest

from seatrial.data.flow.workers import ordered_map
from seatrial.errors import SeatrialError

_offset: list[int] = []


def _set(offset: int) -> None:
    _offset[:] = [offset]


def _add(numbers: Sequence[int]) -> list[int]:
    return [number + _offset[0] for number in numbers]


def _die(numbers: Sequence[int]) -> list[int]:
    os._exit(9)


@pytest.mark.parametrize("workers", [1, 2])
def test_answers_come_in_order(workers: int) -> None:
    found = list(ordered_map(_add, range(25), workers=workers, chunk=4, prepare=_set, prepared_with=(100,)))
    assert found == [(number, number + 100) for number in range(25)]


def test_only_the_part_that_is_needed_is_sent() -> None:
    items = [(lambda: None, 1), (lambda: None, 2)]  # a lambda cannot be sent
    found = ordered_map(_add, items, sent=lambda item: item[1], workers=2, prepare=_set, prepared_with=(1,))
    assert [result for _, result in found] == [2, 3]


def test_it_reads_only_a_little_ahead() -> None:
    read = 0

    def numbers() -> Iterator[int]:
        nonlocal read
        for number in range(1000):
            read += 1
            yield number

    next(ordered_map(_add, numbers(), workers=1, chunk=10, prepare=_set, prepared_with=(0,)))
    assert read == 10


def test_a_dead_worker_is_told() -> None:
    with pytest.raises(SeatrialError, match="a worker process died"):
        list(ordered_map(_die, range(3), workers=2))
