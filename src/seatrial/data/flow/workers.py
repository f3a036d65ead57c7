"""A function over many items, in several processes, answers in order, with bounded memory.

Refuses to know what is done. One process does it without any other.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context
from typing import Any, TypeVar

from seatrial.errors import SeatrialError

__all__ = ["ordered_map", "usual_workers"]

Item = TypeVar("Item")
Result = TypeVar("Result")

CHUNK = 1000
AHEAD = 2
"""Chunks per worker that wait for it, so that none is idle while the next is read."""


def usual_workers() -> int:
    """One per core that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def ordered_map(
    function: Callable[[Sequence[Any]], Sequence[Result]],
    items: Iterable[Item],
    *,
    sent: Callable[[Item], Any] | None = None,
    workers: int = 1,
    chunk: int = CHUNK,
    prepare: Callable[..., None] | None = None,
    prepared_with: tuple[Any, ...] = (),
) -> Iterator[tuple[Item, Result]]:
    """Each item with its result, in the order of the items.

    Args:
        function: a list of items → as many results; a module's function, because it is sent to other processes.
        items: read no further ahead than a few chunks per worker.
        sent: the part of an item that the function needs; None sends it whole.
        workers: processes; 1 calls the function here.
        chunk: items per call.
        prepare: called once in each process before the function, for what is slow to load.
        prepared_with: its arguments.

    Raises:
        SeatrialError: a process died.
    """
    source = iter(items)
    if workers <= 1:
        if prepare is not None:
            prepare(*prepared_with)
        while piece := list(islice(source, chunk)):
            yield from zip(piece, function(_parts(piece, sent)), strict=True)
        return
    # spawn: a fork of a process with threads (a progress bar, onnxruntime) may hang
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=prepare, initargs=prepared_with)
    waiting: deque[tuple[list[Item], Future[Sequence[Result]]]] = deque()
    try:
        while True:
            while len(waiting) < AHEAD * workers and (piece := list(islice(source, chunk))):
                waiting.append((piece, pool.submit(function, _parts(piece, sent))))
            if not waiting:
                return
            piece, future = waiting.popleft()
            yield from zip(piece, future.result(), strict=True)
    except BrokenProcessPool as error:
        raise SeatrialError(
            "a worker process died", hint="there may be too little memory: use fewer workers (--workers 1)"
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _parts(piece: Sequence[Item], sent: Callable[[Item], Any] | None) -> Sequence[Any]:
    return piece if sent is None else [sent(item) for item in piece]
