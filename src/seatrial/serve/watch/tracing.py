"""Traces of requests with OpenTelemetry: a span per request, with what it waited for and what was computed below it.

Spans are made when a request is over, from what its trail says, so that a request itself costs nothing; they are sent
by a thread that drops them when the collector is slow or gone. A span says what a line of the log says, and never holds
a text, a key, a header or a tenant. Nothing here reads the environment or opens a connection before `start_tracing` is
called; OpenTelemetry's own variables (`OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_TRACES_SAMPLER` ...) are heeded then. Refuses
to know: transports.
"""

from __future__ import annotations

import logging
import re
import threading
from typing import TYPE_CHECKING

from seatrial.errors import MissingExtraError
from seatrial.serve.watch.trail import Trail

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

__all__ = ["Tracer", "start_tracing"]

PATH = "v1/traces"
SERVICE = "seatrial"
UNNAMED = "unknown_service"
EXPORT_TIMEOUT_S = 5.0
CLOSE_S = 2.0
TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")
STEPS = ("tokenize", "queue", "compute")
SERVER_ERROR = 500
GRPC_SERVER_ERRORS = frozenset(
    {"UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"}
)

Attributes = dict[str, str | int | float | tuple[str, ...]]


def start_tracing(endpoint: str, exporter: SpanExporter | None = None) -> Tracer:
    """Trace from now on.

    Args:
        endpoint: base address of a collector that speaks OTLP over HTTP, as in `OTEL_EXPORTER_OTLP_ENDPOINT`; spans go
            to its `/v1/traces`.
        exporter: where spans go instead.

    Raises:
        MissingExtraError: OpenTelemetry is not installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise MissingExtraError("tracing", "trace") from error
    if exporter is None:
        exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/{PATH}", timeout=EXPORT_TIMEOUT_S)
    # an error per batch that could not be sent is enough; warnings about each retry would fill the log
    logging.getLogger("opentelemetry").setLevel(logging.ERROR)
    resource = Resource.create()  # with what OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say
    if str(resource.attributes.get("service.name", UNNAMED)).startswith(UNNAMED):
        resource = resource.merge(Resource({"service.name": SERVICE}))
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return Tracer(provider)


class Tracer:
    """Makes the spans of requests.

    Args:
        provider: whose spans they are.
    """

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("seatrial.serve")

    def record(self, trail: Trail, route: str, status: int | str, seconds: float) -> str:
        """Make the spans of a request that is over.

        Args:
            trail: what is known of it.
            route: as in the route table, or a gRPC method.
            status: HTTP status, or the name of the gRPC status.
            seconds: from its headers to the end of its answer.

        Returns:
            The trace's id, for the log: 32 hex digits, the client's own where it sent one.
        """
        from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context

        ended_ns = trail.started_ns + round(seconds * 1e9)
        span = self._tracer.start_span(
            f"{trail.method} {route}",
            context=_parent(trail.traceparent),
            kind=SpanKind.SERVER,
            attributes=_attributes(trail, route, status),
            start_time=trail.started_ns,
        )
        if span.is_recording():
            if _failed(status):
                span.set_status(Status(StatusCode.ERROR))
            self._steps(trail, set_span_in_context(span), ended_ns)
        span.end(ended_ns)
        return format(span.get_span_context().trace_id, "032x")

    def _steps(self, trail: Trail, parent: Context, ended_ns: int) -> None:
        """One span below the request's for each step of its prediction, unless the cache answered all of it.

        The steps follow each other; their lengths are measured, their places counted back from the answer.
        """
        prediction = trail.prediction
        if prediction is None or prediction.cached == len(prediction.outputs):
            return
        timings = prediction.timings
        lengths_ms = (timings.tokenize_ms, timings.queue_ms, timings.compute_ms)
        moment_ns = max(trail.predicted_ns - round(sum(lengths_ms) * 1e6), trail.started_ns)
        for name, length_ms in zip(STEPS, lengths_ms, strict=True):
            step = self._tracer.start_span(name, context=parent, start_time=moment_ns)
            moment_ns = min(moment_ns + round(length_ms * 1e6), ended_ns)
            step.end(moment_ns)

    def close(self) -> None:
        """Send what is left, for up to `CLOSE_S` seconds. Blocks."""
        # the provider itself would wait half a minute for a collector that is gone
        closing = threading.Thread(target=self._provider.shutdown, name="seatrial-traces", daemon=True)
        closing.start()
        closing.join(CLOSE_S)


def _parent(traceparent: str | None) -> Context | None:
    """The client's span, if it named one. Its `tracestate` and `baggage` may hold anything and are left behind."""
    from opentelemetry.context import Context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    if traceparent is None or not TRACEPARENT.fullmatch(traceparent):
        return Context()
    return TraceContextTextMapPropagator().extract({"traceparent": traceparent}, Context())


def _attributes(trail: Trail, route: str, status: int | str) -> Attributes:
    """OpenTelemetry's names where it has one."""
    attributes: Attributes = {"seatrial.request_id": trail.request_id}
    if isinstance(status, int):
        attributes |= {
            "http.request.method": trail.method,
            "http.route": route,
            "http.response.status_code": status,
        }
    else:
        attributes |= {"rpc.system.name": "grpc", "rpc.method": route, "rpc.response.status_code": status}
    if trail.call is not None:
        attributes["seatrial.protocol"] = trail.call.protocol
    if trail.refusal is not None:
        attributes["seatrial.refusal"] = trail.refusal
    if trail.prediction is not None:
        prediction = trail.prediction
        attributes |= {
            "seatrial.model": prediction.release.name,
            "seatrial.version": prediction.release.version,
            "seatrial.texts": len(prediction.outputs),
            "seatrial.tokens": sum(prediction.tokens),
            "seatrial.cached": prediction.cached,
        }
    return attributes | _generated(trail)


def _generated(trail: Trail) -> Attributes:
    """What a language model read and wrote, as far as it came.

    Source: OpenTelemetry's semantic conventions for generative AI.
    """
    clocks = trail.generation
    if clocks is None:
        return {}
    attributes: Attributes = {
        "gen_ai.operation.name": trail.operation,
        "gen_ai.provider.name": SERVICE,
        "gen_ai.response.model": clocks.release.name,
        "gen_ai.usage.input_tokens": clocks.prompt_tokens,
        "gen_ai.usage.output_tokens": clocks.completion_tokens,
        "seatrial.model": clocks.release.name,
        "seatrial.version": clocks.release.version,
    }
    if clocks.finishes:
        attributes["gen_ai.response.finish_reasons"] = tuple(clocks.finishes)
    if clocks.first_token_s is not None:
        attributes["seatrial.first_token_ms"] = round(1e3 * clocks.first_token_s, 3)
    return attributes


def _failed(status: int | str) -> bool:
    """Whether the service is at fault, by OpenTelemetry's conventions for servers."""
    return status >= SERVER_ERROR if isinstance(status, int) else status in GRPC_SERVER_ERRORS
