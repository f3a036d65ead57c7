"""What the service does, without a transport: predict, tell how it is, tell what it serves.

A handler takes plain values and gives plain values or raises a typed error; HTTP and any other protocol are thin
layers above. Refuses to know: bytes, headers, status lines.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from seatrial.errors import RequestError
from seatrial.records import Release
from seatrial.serve.batching import Batcher
from seatrial.serve.settings import ServeSettings
from seatrial.serve.usable import fault_of

__all__ = ["Answers", "Handlers", "HealthHandler", "Metadata", "PredictHandler", "PredictionResult", "build_handlers"]

INLINE_CHARS = 4_000  # tokenizing this much takes about 1 ms; a hop to a thread and back would cost more than it saves
TYPE_NAMES = {bool: "a boolean", int: "a number", float: "a number", list: "a list", dict: "an object"}


class Answers(Protocol):
    """What the handlers need of an engine; `seatrial.serve.engine.Engine` is one."""

    release: Release

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids per text."""

    def answer(self, token_ids: Sequence[Sequence[int]]) -> list[dict[str, Any]]:
        """One JSON object per item of the batch."""


@dataclass(frozen=True, slots=True)
class PredictionResult:
    """Answers to one request, with the release that gave them and the time from request to answer."""

    model: str
    version: str
    predictions: list[dict[str, Any]]
    latency_ms: float


class PredictHandler:
    """Answers one text or several.

    Args:
        engine: gives token ids and answers.
        batcher: what the token ids wait in.
        settings: limits on a request.
    """

    def __init__(self, engine: Answers, batcher: Batcher[list[int], dict[str, Any]], settings: ServeSettings) -> None:
        self.batcher = batcher
        self._engine = engine
        self._settings = settings

    async def predict(self, inputs: object) -> PredictionResult:
        """Answer `inputs`.

        Args:
            inputs: a text, or a list of 1 to `max_texts` texts, as a client sent it.

        Raises:
            RequestError: the inputs are not that; the message says what to send.
            BusyError: too much is waiting already.
        """
        started = time.perf_counter()
        texts = self._texts(inputs)
        if sum(map(len, texts)) <= INLINE_CHARS:
            token_ids = self._engine.tokenize(texts)
        else:
            token_ids = await asyncio.to_thread(self._engine.tokenize, texts)
        predictions = await self.batcher.submit(token_ids)
        release = self._engine.release
        latency_ms = round((time.perf_counter() - started) * 1e3, 3)
        return PredictionResult(release.name, release.version, predictions, latency_ms)

    def _texts(self, inputs: object) -> list[str]:
        """`inputs` as a list of usable texts."""
        if isinstance(inputs, str):
            self._check(inputs, "inputs")
            return [inputs]
        most = self._settings.max_texts
        if not isinstance(inputs, list):
            raise RequestError(f"inputs is {_type_name(inputs)}", hint=f"send a text, or a list of 1 to {most} texts")
        if not 1 <= len(inputs) <= most:
            what = f"inputs holds {len(inputs)} texts" if inputs else "inputs is an empty list"
            raise RequestError(what, hint=f"send 1 to {most} texts in one request")
        for index, text in enumerate(inputs):
            self._check(text, f"inputs[{index}]")
        return inputs

    def _check(self, text: object, where: str) -> None:
        if not isinstance(text, str):
            raise RequestError(f"{where} is {_type_name(text)}", hint="send it as a text in double quotes")
        fault = fault_of(text, self._settings.max_text_chars)
        if fault:
            raise RequestError(f"{where} {fault[0]}", hint=fault[1])


def _type_name(value: object) -> str:
    """JSON's name of a value's type."""
    return "null" if value is None else TYPE_NAMES.get(type(value), "of an unknown type")


class HealthHandler:
    """Whether the service runs, and whether it should get requests."""

    def __init__(self) -> None:
        self.ready = True

    def stop(self) -> None:
        """Say from now on that no new request should be sent here."""
        self.ready = False


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the service tells about what it serves. `card` is the model card, Markdown, empty if there is none."""

    name: str
    version: str
    task: str
    labels: tuple[str, ...]
    max_length: int
    max_texts: int
    examples: tuple[str, ...]
    card: str

    @classmethod
    def of(cls, release: Release, settings: ServeSettings) -> Metadata:
        """Read from the release, once, at start."""
        card = release.path / "README.md"
        return cls(
            name=release.name,
            version=release.version,
            task=release.task,
            labels=release.labels,
            max_length=release.max_length,
            max_texts=settings.max_texts,
            examples=settings.examples,
            card=card.read_text(encoding="utf-8") if card.is_file() else "",
        )


@dataclass(frozen=True, slots=True)
class Handlers:
    """Everything that a transport can offer."""

    predict: PredictHandler
    health: HealthHandler
    metadata: Metadata

    async def close(self, grace_s: float) -> None:
        """Stop taking requests and answer the accepted ones, for up to `grace_s` seconds."""
        self.health.stop()
        await self.predict.batcher.close(grace_s)


def build_handlers(engine: Answers, settings: ServeSettings) -> Handlers:
    """The handlers of one engine."""
    batcher = Batcher[list[int], dict[str, Any]](
        engine.answer,
        max_items=settings.max_batch_items,
        max_tokens=settings.max_batch_tokens,
        max_waiting=settings.max_waiting,
        workers=settings.workers,
    )
    return Handlers(
        predict=PredictHandler(engine, batcher, settings),
        health=HealthHandler(),
        metadata=Metadata.of(engine.release, settings),
    )
