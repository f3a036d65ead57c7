"""A model in service: an engine, the queue in front of it, and what one may tell about it.

Refuses to know: clients, protocols, other models.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.artifact.machine import cpu_count
from seatrial.errors import BusyError, DeadlineError
from seatrial.models.reading import Reading
from seatrial.records import Release
from seatrial.serve.answering import Answering
from seatrial.serve.golden import check_golden
from seatrial.serve.in_service import InService, Load, card_of
from seatrial.serve.queue.batching import Batch, Batcher
from seatrial.serve.queue.priority import made_by_computing_thread, step_back
from seatrial.serve.settings import ServeSettings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Answering", "Computed", "ServedModel", "load_answering", "load_model"]

INLINE_CHARS = 1_000  # tokenizing this much takes about 0.2 ms; a hop to a thread and back would cost as much


@dataclass(frozen=True, slots=True)
class Computed:
    """What became of some texts: an output and a number of tokens for each, and where the time went, in seconds."""

    outputs: Sequence[NDArray[np.float32]]
    tokens: Sequence[int]
    tokenize_s: float
    queue_s: float
    compute_s: float


class ServedModel(InService):
    """Answers texts with rows of numbers.

    Args:
        engine: gives token ids and outputs.
        settings: how much may wait, and how it is batched.
        observe: told of each batch.

    Attributes:
        release: what answers.
        card: the model card, Markdown; empty if there is none.
        callers: requests that wait for this model; while there are any, it must not be closed.
    """

    def __init__(
        self, engine: Answering, settings: ServeSettings, observe: Callable[[Release, Batch], None] | None = None
    ) -> None:
        self.engine = engine
        self.callers = 0
        self._tokenizing = 0
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="seatrial-tokenize", initializer=step_back)
        self.release = engine.release
        self.card = card_of(engine.release.path)
        self.batcher = Batcher[Sequence[int], "NDArray[np.float32]"](
            engine.parts,
            max_items=settings.max_batch_items,
            max_tokens=settings.max_batch_tokens,
            max_batch_s=settings.max_batch_ms / 1e3,
            max_waiting=settings.max_waiting,
            max_waiting_tokens=settings.max_waiting_tokens,
            max_wait_s=settings.max_wait_ms / 1e3,
            workers=settings.workers or _workers(settings.threads),
        )
        if observe:
            self.batcher.observe = lambda batch: observe(engine.release, batch)

    @property
    def output_name(self) -> str:
        """What the task calls its answers."""
        return self.engine.output_name

    def check_room(self, deadline: float) -> None:
        """Refuse where not even one text would be let in."""
        self.batcher.check_room(1, deadline)

    def load(self) -> Load:
        """What the queue and the workers hold."""
        batcher = self.batcher
        running = batcher.in_flight - batcher.waiting
        return Load(batcher.waiting, batcher.waiting_tokens, running, batcher.expected_wait_s)

    def prove(self) -> None:
        """The golden answers of the release, or numbers at least."""
        check_golden(self.engine)

    async def compute(self, texts: Sequence[str], deadline: float) -> Computed:
        """Answer texts, together with what others sent.

        Args:
            texts: at least one, all usable.
            deadline: on `time.monotonic`'s clock.

        Raises:
            BusyError: no room or no time for them; `DeadlineError` when the time ran out in the queue.
        """
        started = time.monotonic()
        self.batcher.check_room(len(texts), deadline)  # tokenizing costs more than refusing
        self.callers += 1
        try:
            if sum(map(len, texts)) <= INLINE_CHARS:
                reading = self.engine.read(texts)
            else:
                reading = await self._read_aside(texts, deadline)
            tokenized = time.monotonic()
            batched = await self.batcher.submit(reading.windows, deadline=deadline)
        finally:
            self.callers -= 1
        outputs = self.engine.join(reading, batched.answers)
        return Computed(outputs, reading.lengths, tokenized - started, batched.waited_s, batched.computed_s)

    async def close(self, grace_s: float) -> None:
        """Take no more, and answer what was accepted, for up to `grace_s` seconds."""
        await self.batcher.close(grace_s)
        self._aside.shutdown(wait=False, cancel_futures=True)

    async def _read_aside(self, texts: Sequence[str], deadline: float) -> Reading:
        """Long texts, in a thread of their own, one request after the other; as many wait as may wait to be computed.

        Raises:
            BusyError: too many wait already.
            DeadlineError: the time ran out before their turn came, or while they were tokenized.
        """
        if self._tokenizing and self._tokenizing + len(texts) > self.batcher.max_waiting:
            raise BusyError("the service is busy")
        self._tokenizing += len(texts)
        try:
            async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                return await asyncio.get_running_loop().run_in_executor(self._aside, self.engine.read, texts)
        except TimeoutError as error:
            raise DeadlineError("the answer would have come too late") from error
        finally:
            self._tokenizing -= len(texts)


def load_answering(
    release: Release, settings: ServeSettings, observe: Callable[[Release, Batch], None] | None = None
) -> ServedModel:
    """A release → a model that has been warmed up and can answer.

    Must be called where an event loop runs or before one does; the model belongs to the loop that first uses it.

    Raises:
        ArtifactError: the release cannot be loaded.
    """
    from seatrial.serve.engine import Engine

    def make() -> Engine:
        engine = Engine(release, settings.threads, settings.engine)
        engine.warm_up()
        return engine

    return ServedModel(made_by_computing_thread(make), settings, observe)


def load_model(
    folder: Path, settings: ServeSettings, observe: Callable[[Release, Batch], None] | None = None
) -> ServedModel:
    """The same from a release folder.

    Raises:
        ArtifactError: the release is missing, altered or cannot be loaded.
    """
    from seatrial.export.release import load_release

    return load_answering(load_release(folder), settings, observe)


def _workers(threads: int | None) -> int:
    """As many batches side by side as keep the cores busy, each with so many threads; None is one for each."""
    return max(1, cpu_count() // (threads or 1))
