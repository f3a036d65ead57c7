"""A function over many items, in several processes, answers in order, with bounded memory.

The processes end at once when this one has no more use for them, however it ends, and leave Ctrl-C to it. Refuses to
know what is done. One process does it without any other.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
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
    context = get_context("spawn")  # a fork of a process with threads (a progress bar, onnxruntime) may hang
    alive, until_closed = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(workers, context, initializer=_begin, initargs=(alive, prepare, prepared_with))
    waiting: deque[tuple[list[Item], Future[Sequence[Result]]]] = deque()
    try:
        while True:
            while len(waiting) < AHEAD * workers and (piece := list(islice(source, chunk))):
                with _without_interrupts():
                    waiting.append((piece, pool.submit(function, _parts(piece, sent))))
            if not waiting:
                break
            piece, future = waiting.popleft()
            yield from zip(piece, future.result(), strict=True)
        pool.shutdown(wait=True)
    except BrokenProcessPool as error:
        raise SeatrialError(
            "a worker process died", hint="there may be too little memory: use fewer workers (--workers 1)"
        ) from error
    finally:
        until_closed.close()  # what a worker is still busy with, nobody waits for
        pool.shutdown(wait=True, cancel_futures=True)
        alive.close()


def _begin(alive: Connection, prepare: Callable[..., None] | None, prepared_with: tuple[Any, ...]) -> None:
    """What a worker does first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(alive,), daemon=True).start()
    if prepare is not None:
        prepare(*prepared_with)


def _end_with(alive: Connection) -> None:
    """End this process when the other end is closed; the system does that too, when its process is killed."""
    alive.poll(None)  # nothing is ever sent
    os._exit(1)


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """A process that starts within the block is deaf to Ctrl-C from its first moment; this one hears it afterwards."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _parts(piece: Sequence[Item], sent: Callable[[Item], Any] | None) -> Sequence[Any]:
    return piece if sent is None else [sent(item) for item in piece]
