"""What the service does, without a transport: predict, tell how it is, tell what it serves.

A handler takes plain values and gives plain values or raises a typed error; HTTP and gRPC are thin layers above.
Refuses to know: bytes, headers, status lines.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seatrial.errors import BusyError, RequestError
from seatrial.serve.access import Gatekeeper
from seatrial.serve.cache import ResponseCache
from seatrial.serve.call import Call
from seatrial.serve.catalog import Catalog
from seatrial.serve.generating import GenerateHandler
from seatrial.serve.in_service import InService
from seatrial.serve.prediction import Prediction, Timings
from seatrial.serve.served import Computed, ServedModel
from seatrial.serve.settings import ServeSettings
from seatrial.serve.usable import fault_of
from seatrial.serve.watch.logs import log_request
from seatrial.serve.watch.metrics import Metrics
from seatrial.serve.watch.trail import Trail, current_trail

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seatrial.serve.watch.tracing import Tracer

__all__ = ["Handlers", "HealthHandler", "PredictHandler", "build_handlers"]

TYPE_NAMES = {str: "a text", bool: "a boolean", int: "a number", float: "a number", list: "a list", dict: "an object"}


class PredictHandler:
    """Answers one text or several.

    Args:
        catalog: the models.
        cache: answers given before.
        settings: limits on a request.
        metrics: hears of every answer.
    """

    def __init__(self, catalog: Catalog, cache: ResponseCache, settings: ServeSettings, metrics: Metrics) -> None:
        self._catalog = catalog
        self._cache = cache
        self._settings = settings
        self._metrics = metrics

    def check_room(self, call: Call) -> None:
        """Refuse a request before its inputs are read, where no model has room for any; under overload most are.

        Raises:
            BusyError: every model would refuse even one text, and no cache could know the answer.
        """
        if self._cache.max_bytes:
            return
        busy: BusyError | None = None
        for served in self._catalog:
            if not isinstance(served, ServedModel):
                continue
            try:
                served.check_room(call.deadline)
            except BusyError as error:
                busy = error
            else:
                return
        if busy is not None:
            raise busy

    async def predict(
        self,
        call: Call,
        inputs: object,
        *,
        model: str | None = None,
        version: str | None = None,
        output: str | None = None,
        where: str = "inputs",
    ) -> Prediction:
        """Answer `inputs`.

        Args:
            call: who asks, and until when.
            inputs: a text, or a list of 1 to `max_texts` texts, as a client sent it.
            model: which model; None takes the default.
            version: which version of it; None takes the current one.
            output: what the caller can use, "scores", "embedding" or "entities"; None takes any.
            where: what the client calls the inputs, for messages.

        Raises:
            RequestError: the inputs are not that, or there is no such model; the message says what to send.
            BusyError: too much is waiting already, or the time ran out.
        """
        started = time.monotonic()
        texts = self._texts(inputs, where)
        served = self._catalog.find(model, version, output)
        prediction = await self._predict(call, served, texts, started)
        self._metrics.predicted(call.protocol, prediction)
        if trail := current_trail():
            trail.predicted(prediction, texts if self._settings.log_texts else None)
        return prediction

    async def _predict(self, call: Call, served: ServedModel, texts: list[str], started: float) -> Prediction:
        """Ask the cache first, the model for the rest."""
        tenant, digest = call.caller.tenant, served.release.version
        known: list[NDArray[np.float32] | None] = (
            self._cache.get_many(tenant, digest, "", texts) if self._cache.max_bytes else [None] * len(texts)
        )
        missing = [text for text, row in zip(texts, known, strict=True) if row is None]
        computed = await served.compute(missing, call.deadline) if missing else Computed((), (), 0.0, 0.0, 0.0)
        if self._cache.max_bytes and missing:
            self._cache.put_many(tenant, digest, "", missing, computed.outputs)
        rows, counts = iter(computed.outputs), iter(computed.tokens)
        outputs = [next(rows) if row is None else row for row in known]
        tokens = [next(counts) if row is None else 0 for row in known]
        timings = Timings(
            round(computed.tokenize_s * 1e3, 3),
            round(computed.queue_s * 1e3, 3),
            round(computed.compute_s * 1e3, 3),
            round((time.monotonic() - started) * 1e3, 3),
        )
        cached, engine = len(texts) - len(missing), served.engine
        return Prediction(served.release, texts, outputs, tokens, cached, timings, engine.describe, engine.read)

    def _texts(self, inputs: object, where: str) -> list[str]:
        """`inputs` as a list of usable texts."""
        if isinstance(inputs, str):
            self._check(inputs, where)
            return [inputs]
        most = self._settings.max_texts
        if not isinstance(inputs, list):
            raise RequestError(f"{where} is {type_name(inputs)}", hint=f"send a text, or a list of 1 to {most} texts")
        if not 1 <= len(inputs) <= most:
            what = f"{where} holds {len(inputs)} texts" if inputs else f"{where} is an empty list"
            raise RequestError(what, hint=f"send 1 to {most} texts in one request")
        for index, text in enumerate(inputs):
            self._check(text, f"{where}[{index}]")
        return inputs

    def _check(self, text: object, where: str) -> None:
        if not isinstance(text, str):
            raise RequestError(f"{where} is {type_name(text)}", hint="send it as a text in double quotes")
        fault = fault_of(text, self._settings.max_text_chars)
        if fault:
            raise RequestError(f"{where} {fault[0]}", hint=fault[1])


def type_name(value: object) -> str:
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
class Handlers:
    """Everything that a transport can offer.

    Attributes:
        catalog: the models.
        predict: answers.
        generate: answers that are texts.
        health: liveness and readiness.
        gatekeeper: who may do what.
        cache: answers given before.
        metrics: figures of this service.
        tracer: makes a trace of every request; None makes none.
    """

    catalog: Catalog
    predict: PredictHandler
    generate: GenerateHandler
    health: HealthHandler
    gatekeeper: Gatekeeper
    cache: ResponseCache
    metrics: Metrics
    tracer: Tracer | None = None

    def refused(self, protocol: str, reason: str) -> None:
        """Count a refusal, and keep its reason for the log; one of the table's in `refusals`, or "client_gone"."""
        self.metrics.refused(protocol, reason)
        if trail := current_trail():
            trail.refusal = reason

    def finished(self, trail: Trail, route: str, status: int | str, seconds: float) -> None:
        """Log a request whose answer is out, and trace it. Every transport calls this once per request.

        Args:
            trail: from `begin_trail`.
            route: as in the route table, or a gRPC method that is offered; "none" for any other.
            status: HTTP status, or the name of the gRPC status.
            seconds: from its headers to the end of its answer.
        """
        trace_id = None if self.tracer is None else self.tracer.record(trail, route, status, seconds)
        log_request(trail, route, status, seconds, trace_id)

    async def close(self, grace_s: float) -> None:
        """Stop taking requests and answer the accepted ones, for up to `grace_s` seconds."""
        self.health.stop()
        await asyncio.gather(*(model.close(grace_s) for model in self.catalog))
        self.generate.sessions.close()


def build_handlers(
    models: Sequence[InService],
    settings: ServeSettings,
    *,
    gatekeeper: Gatekeeper | None = None,
    metrics: Metrics | None = None,
    tracer: Tracer | None = None,
) -> Handlers:
    """The handlers of some models; without a gatekeeper nobody needs a key."""
    catalog = Catalog(models)
    cache = ResponseCache(int(settings.cache_mb * 1e6))
    metrics = metrics or Metrics()
    health = HealthHandler()
    metrics.watch(catalog, cache, lambda: health.ready)
    return Handlers(
        catalog=catalog,
        predict=PredictHandler(catalog, cache, settings, metrics),
        generate=GenerateHandler(catalog, settings, metrics),
        health=health,
        gatekeeper=gatekeeper or Gatekeeper(None, None),
        cache=cache,
        metrics=metrics,
        tracer=tracer,
    )
