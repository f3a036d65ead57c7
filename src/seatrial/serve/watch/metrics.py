"""Prometheus metrics of one service, whatever protocols it speaks.

Label values are routes from the route table, statuses, protocols, reasons from a fixed list, and the names and versions
of the models that are served, so their number is bounded; tenants, texts and addresses are never among them. Refuses to
know: transports. What each metric is called elsewhere: docs/service/watching.md.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector

from seatrial.records import Release
from seatrial.serve.generation.pieces import Clocks
from seatrial.serve.prediction import Prediction
from seatrial.serve.queue.batching import Batch
from seatrial.serve.watch.gauges import CacheCollector, CatalogCollector, ReadCollector
from seatrial.serve.watch.tallies import CounterTally, HistogramTally

if TYPE_CHECKING:
    from seatrial.serve.cache import ResponseCache
    from seatrial.serve.catalog import Catalog

__all__ = ["CONTENT_TYPE", "OUTCOMES", "Metrics"]

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.2, 0.5, 1, 2, 5, 10)
"""1 ms to 10 s, close together below 50 ms, the latency that a contract usually names."""
ITEMS = (1, 2, 4, 8, 16, 32, 64, 128)
TOKENS = (16, 64, 256, 1024, 4096, 16384)
FIRST_TOKEN_S = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10, 20, 60)
BETWEEN_TOKENS_S = (0.0025, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.2, 0.5, 1)
ANSWER_S = (0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300)
OUTCOMES = ("swapped", "unchanged", "refused")
"""What becomes of a reload."""
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The figures of one service, in a registry of its own. To be called in the event loop; every call is O(1).

    Attributes:
        in_flight: HTTP requests and gRPC calls that have begun and not ended; transports count it up and down.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.in_flight = 0
        self._connections: Callable[[], int] = int  # none, until somebody counts them
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._read("seatrial_requests_in_flight", "Requests that have begun and not ended", lambda: self.in_flight)
        self._read("seatrial_open_connections", "Open HTTP connections", self._open_connections)
        self._requests = self._counter("seatrial_http_requests", "HTTP requests answered", "route", "status")
        self._request_s = self._histogram(
            "seatrial_http_request_duration_seconds", "From a request's headers to the last byte of its answer", "route"
        )
        self._calls = self._counter("seatrial_grpc_requests", "gRPC calls answered", "method", "code")
        self._call_s = self._histogram(
            "seatrial_grpc_request_duration_seconds", "From a gRPC call to the end of its answer", "method"
        )
        self._predictions()
        self._batches()
        self._generations()
        self._refusals = self._counter("seatrial_refusals", "Requests refused", "protocol", "reason")
        self._reloads = self._counter("seatrial_reloads", "Releases loaded while serving", "outcome")
        for outcome in OUTCOMES:
            self._reloads.add((outcome,), 0)

    def _predictions(self) -> None:
        """What an answered request is made of."""
        self._prediction_s = self._histogram(
            "seatrial_prediction_duration_seconds",
            "From a request's texts to their answers, transport excluded",
            "protocol",
            "model",
        )
        self._tokenize_s = self._histogram(
            "seatrial_prediction_tokenize_seconds", "Time in which a request's texts became tokens", "model"
        )
        self._queue_s = self._histogram(
            "seatrial_prediction_queue_seconds", "Time in which a request waited for the model", "model"
        )
        self._compute_s = self._histogram(
            "seatrial_prediction_compute_seconds", "Time in which the batch of a request was computed", "model"
        )
        self._inputs = self._counter("seatrial_inputs", "Texts answered, from the cache too", "model")
        self._input_tokens = self._counter(
            "seatrial_input_tokens", "Tokens of the texts that were computed, without padding", "model"
        )

    def _batches(self) -> None:
        """What the engine is given."""
        self._batch_items = self._histogram("seatrial_batch_items", "Texts in a batch", "model", buckets=ITEMS)
        self._batch_tokens = self._histogram(
            "seatrial_batch_tokens", "Tokens in a batch, padding included", "model", buckets=TOKENS
        )
        self._batch_s = self._histogram("seatrial_batch_compute_seconds", "Time to compute a batch", "model")
        self._padding = self._counter("seatrial_batch_padding_tokens", "Tokens that were only padding", "model")

    def _generations(self) -> None:
        """What an answer that is generated is made of."""
        self._first_token_s = self._histogram(
            "seatrial_time_to_first_token_seconds",
            "From a request to the first token of its answer",
            "model",
            buckets=FIRST_TOKEN_S,
        )
        self._between_tokens_s = self._histogram(
            "seatrial_time_between_tokens_seconds",
            "From a token of an answer to the next",
            "model",
            buckets=BETWEEN_TOKENS_S,
        )
        self._generation_s = self._histogram(
            "seatrial_generation_duration_seconds",
            "From a request to the end of its answers, however it came",
            "protocol",
            "model",
            buckets=ANSWER_S,
        )
        self._prompt_tokens = self._counter("seatrial_prompt_tokens", "Tokens of prompts", "model")
        self._generated_tokens = self._counter("seatrial_generated_tokens", "Tokens of answers", "model")
        self._generations_ended = self._counter(
            "seatrial_generations", "Answers that ended, by themselves or at their longest", "model", "finish"
        )

    def _counter(self, name: str, documentation: str, *labels: str) -> CounterTally:
        tally = CounterTally(name, documentation, labels)
        self.registry.register(tally)
        return tally

    def _histogram(
        self, name: str, documentation: str, *labels: str, buckets: tuple[float, ...] = SECONDS
    ) -> HistogramTally:
        tally = HistogramTally(name, documentation, labels, buckets)
        self.registry.register(tally)
        return tally

    def _read(self, name: str, documentation: str, read: Callable[[], float]) -> None:
        self.registry.register(ReadCollector(name, documentation, read))

    def watch(self, catalog: Catalog, cache: ResponseCache, ready: Callable[[], bool] | None = None) -> None:
        """Read the queues, the models and the cache, and whether the service is ready, whenever somebody looks."""
        self.registry.register(CatalogCollector(catalog))
        self.registry.register(CacheCollector(cache))
        if ready is not None:
            self._read("seatrial_ready", "1 while requests should be sent here", ready)

    def watch_connections(self, count: Callable[[], int]) -> None:
        """Read the number of open HTTP connections whenever somebody looks."""
        self._connections = count

    def _open_connections(self) -> int:
        return self._connections()

    def expect(self, protocols: Iterable[str]) -> None:
        """Show failures of these protocols from the start, at 0.

        A counter that appears with its first failure has no increase that an alert could see.
        """
        for protocol in protocols:
            self._refusals.add((protocol, "failed"), 0)

    def batch(self, release: Release, batch: Batch) -> None:
        """Count a computed batch of a release."""
        model = (release.name,)
        self._batch_items.observe(model, batch.items)
        self._batch_tokens.observe(model, batch.padded_tokens)
        self._batch_s.observe(model, batch.seconds)
        self._padding.add(model, batch.padded_tokens - batch.tokens)

    def predicted(self, protocol: str, prediction: Prediction) -> None:
        """Count an answered request."""
        name, timings, texts = prediction.release.name, prediction.timings, len(prediction.outputs)
        model = (name,)
        self._prediction_s.observe((protocol, name), timings.total_ms / 1e3)
        self._inputs.add(model, texts)
        if prediction.cached < texts:  # zeros of requests that the cache answered would hide how long the steps take
            self._input_tokens.add(model, sum(prediction.tokens))
            self._tokenize_s.observe(model, timings.tokenize_ms / 1e3)
            self._queue_s.observe(model, timings.queue_ms / 1e3)
            self._compute_s.observe(model, timings.compute_ms / 1e3)

    def generated(self, protocol: str, clocks: Clocks) -> None:
        """Count a request whose answers were generated, wholly or as far as it came."""
        if not clocks.prompt_tokens:
            return  # refused before anything was read
        name = clocks.release.name
        model = (name,)
        self._generation_s.observe((protocol, name), time.monotonic() - clocks.started)
        self._prompt_tokens.add(model, clocks.prompt_tokens)
        self._generated_tokens.add(model, clocks.completion_tokens)
        if clocks.first_token_s is not None:
            self._first_token_s.observe(model, clocks.first_token_s)
        for gap_s in clocks.gaps_s:
            self._between_tokens_s.observe(model, gap_s)
        for finish in clocks.finishes:
            self._generations_ended.add((name, finish))

    def refused(self, protocol: str, reason: str) -> None:
        """Count a refusal; `reason` is one of the table's in `refusals`."""
        self._refusals.add((protocol, reason))

    def request(self, route: str, status: int, seconds: float) -> None:
        """Count an HTTP request when its answer is out; `route` is as in the route table, or "none"."""
        self._requests.add((route, status))
        self._request_s.observe((route,), seconds)

    def grpc_request(self, method: str, code: str, seconds: float) -> None:
        """Count a gRPC call when its answer is out; `method` is an offered one or "none", `code` a status's name."""
        self._calls.add((method, code))
        self._call_s.observe((method,), seconds)

    def reloaded(self, outcome: str) -> None:
        """Count an attempt to load a release while serving; one of `OUTCOMES`."""
        self._reloads.add((outcome,))

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """Everything in the format that suits the reader best, and that format's content type.

        Takes some milliseconds, so it is best called in a thread; that is safe.

        Args:
            accept: the reader's `Accept` header; OpenMetrics if that is named, else Prometheus' text format.
        """
        if "application/openmetrics-text" in accept:
            generate: Callable[[Collector], bytes] = openmetrics.generate_latest
            return generate(self.registry), openmetrics.CONTENT_TYPE_LATEST
        return self.text(), CONTENT_TYPE
