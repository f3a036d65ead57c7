"""Traces: what a collector gets over OTLP/HTTP, what it never gets, and that its troubles are nobody else's."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from seatrial.serve.handlers import build_handlers
from seatrial.serve.http.app import create_app
from seatrial.serve.settings import ServeSettings
from seatrial.serve.watch.tracing import Tracer, start_tracing
from seatrial.serve.watch.trail import Trail

from ...timeliness import in_time
from ..conftest import Client
from ..writer import Script, writer
from .test_logs import CANARY, odd_requests

TRACE_ID, PARENT_ID = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class Collector:
    """A tiny receiver of OTLP over HTTP on a free loopback port."""

    def __init__(self) -> None:
        self.requests: list[ExportTraceServiceRequest] = []
        self.paths: list[str] = []
        self.status = 200
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                collector.paths.append(self.path)
                collector.requests.append(ExportTraceServiceRequest.FromString(body))
                self.send_response(collector.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def all_spans(self) -> list[Span]:
        return [
            span
            for request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def spans(self) -> dict[str, Span]:
        """Name → span; of several with a name the last."""
        return {span.name: span for span in self.all_spans()}


def values(attributes: Any) -> Mapping[str, Any]:
    return {item.key: _value(item.value) for item in attributes}


def _value(value: Any) -> Any:
    if value.HasField("array_value"):
        return tuple(item.string_value for item in value.array_value.values)
    return getattr(value, value.WhichOneof("value"))


class Writing(Client):
    """A client of a service with models that generate."""

    def __init__(self, models: list[Any], settings: ServeSettings) -> None:
        self.handlers = build_handlers(models, settings)
        self.app = create_app(settings, self.handlers)


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a proxy nor settings of whoever runs the tests."""
    for name in list(os.environ):
        if name.startswith("OTEL_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.close()


@pytest.fixture
def traced(
    collector: Collector, make_client: Callable[[ServeSettings], Client]
) -> Iterator[tuple[Client, Tracer, Collector]]:
    tracer = start_tracing(collector.endpoint)
    yield with_tracer(make_client(ServeSettings(cache_mb=1.0)), tracer), tracer, collector
    tracer.close()


def with_tracer(client: Client, tracer: Tracer) -> Client:
    client.handlers = replace(client.handlers, tracer=tracer)
    client.app = create_app(ServeSettings(), client.handlers)
    return client


def test_a_request_is_a_span_with_its_steps_below(traced: tuple[Client, Tracer, Collector]) -> None:
    client, tracer, collector = traced
    before_ns = time.time_ns()
    assert client.predict({"inputs": ["good", "day"]}).status_code == 200
    tracer.close()
    assert collector.paths == ["/v1/traces"]
    resource = collector.requests[0].resource_spans[0].resource
    assert values(resource.attributes)["service.name"] == "seatrial"
    spans = collector.spans()
    assert set(spans) == {"POST /v1/predict", "tokenize", "queue", "compute"}
    server = spans["POST /v1/predict"]
    assert server.kind == Span.SPAN_KIND_SERVER
    assert server.parent_span_id == b""
    assert dict(values(server.attributes)) | {"seatrial.request_id": ""} == {
        "seatrial.request_id": "",
        "http.request.method": "POST",
        "http.route": "/v1/predict",
        "http.response.status_code": 200,
        "seatrial.protocol": "rest",
        "seatrial.model": "toy",
        "seatrial.version": "0123456789ab",
        "seatrial.texts": 2,
        "seatrial.tokens": 7,
        "seatrial.cached": 0,
    }
    moment = server.start_time_unix_nano
    assert before_ns <= moment
    for name in ("tokenize", "queue", "compute"):
        step = spans[name]
        assert (step.trace_id, step.parent_span_id) == (server.trace_id, server.span_id)
        assert moment <= step.start_time_unix_nano <= step.end_time_unix_nano <= server.end_time_unix_nano
        moment = step.end_time_unix_nano


@pytest.mark.parametrize("stream", [False, True])
def test_a_trace_tells_how_many_tokens_were_read_and_written(
    collector: Collector, tmp_path: Path, stream: bool
) -> None:
    tracer, settings = start_tracing(collector.endpoint), ServeSettings(generate_max_tokens=50)
    client = with_tracer(Writing([writer(tmp_path, Script(), settings)], settings), tracer)
    messages = [{"role": "user", "content": "Ready?"}]
    body = {"messages": messages, "n": 2, "stream": stream}
    assert client.request("POST", "/v1/chat/completions", json=body).status_code == 200
    body = {"prompt": CANARY, "max_tokens": 3, "stream": stream}
    assert client.request("POST", "/v1/completions", json=body).status_code == 200
    assert client.request("POST", "/v1/completions", json={"prompt": ""}).status_code == 400
    tracer.close()
    found = [values(span.attributes) for span in collector.all_spans()]
    chat, text, refused = sorted(found, key=lambda one: -one.get("gen_ai.usage.output_tokens", 0))
    assert (chat["gen_ai.operation.name"], chat["gen_ai.response.model"]) == ("chat", "writer")
    assert (chat["gen_ai.usage.input_tokens"], chat["gen_ai.usage.output_tokens"]) == (9, 28)
    assert chat["gen_ai.response.finish_reasons"] == ("stop", "stop")
    assert chat["seatrial.first_token_ms"] > 0
    assert text["gen_ai.operation.name"] == "text_completion"
    assert (text["gen_ai.usage.input_tokens"], text["gen_ai.usage.output_tokens"]) == (len(CANARY), 3)
    assert text["gen_ai.response.finish_reasons"] == ("length",)
    assert not any(name.startswith("gen_ai") for name in refused)
    assert CANARY.encode() not in b"".join(request.SerializeToString() for request in collector.requests)


def test_a_client_may_name_its_own_span(traced: tuple[Client, Tracer, Collector]) -> None:
    client, tracer, collector = traced
    headers = {"traceparent": f"00-{TRACE_ID}-{PARENT_ID}-01", "tracestate": f"a={CANARY}", "baggage": f"a={CANARY}"}
    client.request("POST", "/v1/predict", json={"inputs": "good"}, headers=headers)
    tracer.close()
    span = collector.spans()["POST /v1/predict"]
    assert (span.trace_id.hex(), span.parent_span_id.hex(), span.trace_state) == (TRACE_ID, PARENT_ID, "")


@pytest.mark.parametrize(
    "traceparent",
    ["", "x", f"00-{'0' * 32}-{PARENT_ID}-01", f"00-{TRACE_ID}-{'0' * 16}-01", f"ff-{TRACE_ID}-{PARENT_ID}-01",
     f"00-{TRACE_ID.upper()}-{PARENT_ID}-01", f"00-{TRACE_ID}-{PARENT_ID}-01\n", "00-" * 10_000],
    ids=["empty", "word", "no trace", "no span", "version", "capitals", "newline", "long"],
)  # fmt: skip
def test_a_header_of_another_form_begins_a_new_trace(collector: Collector, traceparent: str) -> None:
    tracer = start_tracing(collector.endpoint)
    trace_id = tracer.record(Trail("id", "GET", traceparent), "/v1/model", 200, 0.001)
    tracer.close()
    assert trace_id != TRACE_ID
    assert collector.spans()["GET /v1/model"].trace_id.hex() == trace_id


def test_what_the_client_does_not_want_traced_is_not_sent(traced: tuple[Client, Tracer, Collector]) -> None:
    client, tracer, collector = traced
    headers = {"traceparent": f"00-{TRACE_ID}-{PARENT_ID}-00"}
    assert client.request("POST", "/v1/predict", json={"inputs": "good"}, headers=headers).status_code == 200
    tracer.close()
    assert collector.requests == []


def test_refusals_failures_and_answers_from_the_cache(traced: tuple[Client, Tracer, Collector]) -> None:
    client, tracer, collector = traced
    client.predict({"inputs": 5})
    tracer_spans = collector.spans
    client.engine.failure = RuntimeError(CANARY)
    client.request("GET", "/nothing")
    client.request("POST", "/v1/predict", json={"inputs": "x"}, headers={"X-Request-Id": "failed-1"})
    tracer.close()
    statuses = {
        values(span.attributes)["http.response.status_code"]: (
            values(span.attributes).get("seatrial.refusal"),
            span.status.code,
        )
        for request in collector.requests
        for span in request.resource_spans[0].scope_spans[0].spans
    }
    assert statuses == {
        422: ("unusable", Status.STATUS_CODE_UNSET),
        404: (None, Status.STATUS_CODE_UNSET),
        500: ("failed", Status.STATUS_CODE_ERROR),
    }
    assert "GET none" in tracer_spans()


def test_an_answer_from_the_cache_has_no_steps(traced: tuple[Client, Tracer, Collector]) -> None:
    client, tracer, collector = traced
    client.predict({"inputs": "good"})
    client.predict({"inputs": "good"})
    tracer.close()
    names = [span.name for span in collector.requests[0].resource_spans[0].scope_spans[0].spans]
    assert sorted(names) == ["POST /v1/predict", "POST /v1/predict", "compute", "queue", "tokenize"]


def test_a_grpc_call_has_the_names_of_rpc(collector: Collector) -> None:
    tracer = start_tracing(collector.endpoint + "/")
    tracer.record(Trail("id", "gRPC"), "ModelInfer", "INTERNAL", 0.001)
    tracer.close()
    span = collector.spans()["gRPC ModelInfer"]
    attributes = values(span.attributes)
    assert attributes["rpc.system.name"] == "grpc"
    assert attributes["rpc.method"] == "ModelInfer"
    assert attributes["rpc.response.status_code"] == "INTERNAL"
    assert span.status.code == Status.STATUS_CODE_ERROR


def test_nothing_that_a_client_sends_is_in_a_trace(traced: tuple[Client, Tracer, Collector]) -> None:
    client, tracer, collector = traced
    odd_requests(client)
    tracer.close()
    sent = b"".join(request.SerializeToString() for request in collector.requests)
    assert len(sent) > 1000
    assert CANARY.encode() not in sent.lower()


@pytest.mark.parametrize("trouble", ["gone", "silent", "failing"])
@pytest.mark.timed
def test_trouble_with_the_collector_is_not_the_requests(
    collector: Collector, make_client: Callable[[ServeSettings], Client], trouble: str
) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))  # bound without listening: connections are refused
        if trouble == "silent":
            silent.listen(1)
        collector.status = 503
        port = silent.getsockname()[1]
        tracer = start_tracing(collector.endpoint if trouble == "failing" else f"http://127.0.0.1:{port}")
        client = with_tracer(make_client(ServeSettings()), tracer)
        started = time.monotonic()
        for _ in range(20):
            assert client.predict({"inputs": "good"}).status_code == 200
        tracer.close()
        in_time(time.monotonic() - started, 6, "seconds for 20 requests and the end")


def test_without_an_endpoint_nothing_of_opentelemetry_works() -> None:
    """FastAPI loads its interface, which does nothing without the SDK."""
    code = """
import sys
import seatrial.serve.http.app, seatrial.serve.watch.tracing, seatrial.serve.process.server
print([name for name in sys.modules if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter"))])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_framework_sends_nothing_of_its_own(
    collector: Collector, make_client: Callable[[ServeSettings], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint)
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    client = make_client(ServeSettings())

    async def whole_life() -> None:
        async with client.app.router.lifespan_context(client.app):
            transport = httpx.ASGITransport(client.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
                client.engine.failure = RuntimeError(CANARY)
                answer = await http.post("/v1/predict", json={"inputs": "x"})
                assert answer.status_code == 500

    asyncio.run(whole_life())
    assert client.app._telemetry["tracing"] is False  # were it on, exporters would send half a minute later
    assert collector.requests == []


def test_the_command_traces_where_the_environment_says(toy_release: Path, collector: Collector) -> None:
    program = [sys.executable, "-c", "from seatrial.cli.app import main; main()"]
    command = [*program, "serve", str(toy_release), "--port", "0", "--threads", "1", "--json"]
    environment = os.environ | {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "OTEL_SERVICE_NAME": "shop"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        try:
            assert child.stdout is not None
            url = json.loads(child.stdout.readline())["url"]
            headers = {"traceparent": f"00-{TRACE_ID}-{PARENT_ID}-01"}
            assert httpx.post(f"{url}/v1/predict", json={"inputs": "good"}, headers=headers).status_code == 200
            child.terminate()
            rest, said = child.communicate(timeout=120)
        finally:
            child.kill()
    assert rest == b""
    lines = [json.loads(line) for line in said.splitlines()]
    [line] = [line for line in lines if line["message"] == "request"]
    span = collector.spans()["POST /v1/predict"]
    assert line["trace_id"] == span.trace_id.hex() == TRACE_ID
    assert values(collector.requests[0].resource_spans[0].resource.attributes)["service.name"] == "shop"
