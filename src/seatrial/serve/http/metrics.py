"""Prometheus metrics of one app, and the ASGI layer that measures every request.

Refuses to know: what is answered. Label values are routes from the route table, statuses and the release's name and
version, so their number is bounded.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from seatrial.serve.handlers import Handlers

__all__ = ["Measured", "Metrics"]

SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
ITEMS = (1, 2, 4, 8, 16, 32, 64)
TOKENS = (16, 64, 256, 1024, 4096, 16384)


class Metrics:
    """The figures of one app, in a registry of its own."""

    def __init__(self, handlers: Handlers) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Counter("seatrial_http_requests", "Requests answered", ["route", "status"], registry=registry)
        self._seconds = Histogram(
            "seatrial_http_request_duration_seconds",
            "From the first byte of a request to the last of its answer",
            ["route"],
            buckets=SECONDS,
            registry=registry,
        )
        self._items = Histogram("seatrial_batch_items", "Texts in a batch", buckets=ITEMS, registry=registry)
        self._tokens = Histogram(
            "seatrial_batch_tokens", "Tokens in a batch, padding included", buckets=TOKENS, registry=registry
        )
        self._compute = Histogram(
            "seatrial_batch_compute_seconds", "Time to compute a batch", buckets=SECONDS, registry=registry
        )
        batcher = handlers.predict.batcher
        queue = Gauge("seatrial_queue_items", "Texts that wait for the model", registry=registry)
        queue.set_function(lambda: batcher.waiting)
        model = Gauge("seatrial_model_info", "The release that answers", ["model", "version"], registry=registry)
        model.labels(handlers.metadata.name, handlers.metadata.version).set(1)

    def batch(self, items: int, tokens: int, seconds: float) -> None:
        """Count a computed batch."""
        self._items.observe(items)
        self._tokens.observe(tokens)
        self._compute.observe(seconds)

    def request(self, route: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)


class Measured:
    """ASGI layer: counts every request and adds the headers that every answer has."""

    HEADERS = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))

    def __init__(self, app: ASGIApp, observe: Callable[[str, int, float], None]) -> None:
        self._app = app
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def measured_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *self.HEADERS]
            await send(message)

        try:
            await self._app(scope, receive, measured_send)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            self._observe(route, status, time.perf_counter() - started)
