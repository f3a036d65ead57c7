from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

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


def _pid(numbers: Sequence[int]) -> list[int]:
    return [os.getpid() for _ in numbers]


def test_nobody_waits_for_workers_when_the_answers_are_not_wanted() -> None:
    hung = ordered_map(_pid_then_hang, range(8), workers=2, chunk=1)
    _, pid = next(hung)
    hung.close()  # returns, though the workers would be busy for minutes
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def _pid_then_hang(numbers: Sequence[int]) -> list[int]:
    if 0 not in numbers:
        time.sleep(600)
    return _pid(numbers)


PARENT = """
import sys
from tests.data.flow.test_workers import _pid_then_hang
from seatrial.data.flow.workers import ordered_map

if __name__ == "__main__":
    try:
        for _, pid in ordered_map(_pid_then_hang, range(8), workers=2, chunk=1):
            print(pid, flush=True)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_workers_end_with_their_parent(number: signal.Signals, tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT, encoding="utf-8")
    root = Path(__file__).parents[3]
    parent = subprocess.Popen(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert parent.stdout is not None
    assert int(parent.stdout.readline()) != parent.pid
    if number == signal.SIGINT:
        os.killpg(parent.pid, number)  # as the terminal does
    else:
        parent.kill()
    out, err = parent.communicate(timeout=120)  # ends when no worker holds the pipes any more
    assert "Traceback" not in err
    assert out == ("interrupted\n" if number == signal.SIGINT else "")
