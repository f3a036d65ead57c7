"""The gRPC server: its address, its limits, its end, and that nobody pays for it who does not start it."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import grpc
import pytest

from seatrial.errors import MissingExtraError, ServiceError
from seatrial.serve.grpc import schema, server
from seatrial.serve.grpc.server import GrpcServer
from seatrial.serve.settings import ServeSettings

from .conftest import Running, Start

INFER = f"{schema.SERVICE}/ModelInfer"


def refused(call: Callable[[], object]) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as raised:
        call()
    return raised.value


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_there_is_not(service: Running, port: int) -> None:
    with pytest.raises(ServiceError, match="no port"):
        service.run(GrpcServer(service.handlers, ServeSettings()).start("127.0.0.1", port))


def test_a_taken_port_is_said_to_be_taken(service: Running) -> None:
    with pytest.raises(ServiceError) as raised:
        service.run(GrpcServer(service.handlers, ServeSettings()).start("127.0.0.1", service.port))
    assert raised.value.where == "serving.grpc_port"
    assert "--grpc-port" in (raised.value.hint or "")


def test_without_the_extra_the_message_names_it(service: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "NEEDED", (*server.NEEDED, "no_such_package"))
    with pytest.raises(MissingExtraError) as raised:
        GrpcServer(service.handlers, ServeSettings())
    assert "seatrial[grpc]" in (raised.value.hint or "")


def test_serving_without_grpc_does_not_load_it() -> None:
    code = (
        "import sys, seatrial.serve, seatrial.serve.process.server\n"
        "import seatrial.serve.http.app, seatrial.serve.grpc.server\n"
        "print(*(name for name in ('grpc', 'google.protobuf', 'grpc_health') if name in sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_a_message_beyond_the_limit(service: Running, compression: grpc.Compression) -> None:
    """Compressed it is 50 kB, so that only what comes out of it is too much."""
    error = refused(lambda: service.method(INFER)(bytes(50_000_000), timeout=60, compression=compression))
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert service.call("ServerLive").live


def test_metadata_beyond_the_limit(service: Running) -> None:
    metadata = (("x-long", "x" * 20_000),)
    assert refused(lambda: service.call("ServerLive", metadata=metadata)).code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert service.call("ServerLive", metadata=(("x-long", "x" * 4_000),)).live


def test_connections_beyond_the_limit(start: Start) -> None:
    service = start(ServeSettings(max_connections=2))
    options = [("grpc.use_local_subchannel_pool", 1)]
    channels = [grpc.insecure_channel(service.address, options) for _ in range(4)]
    codes = []
    for number, channel in enumerate(channels):
        patience_s = 60 if number < 2 else 1
        call = channel.unary_unary(f"/{schema.SERVICE}/ServerLive").future(b"", timeout=patience_s)
        codes.append(call.code())
    for channel in channels:
        channel.close()
    assert codes[:2] == [grpc.StatusCode.OK] * 2
    assert set(codes[2:]) <= {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED}


def test_stopping_answers_what_was_accepted_and_takes_no_more(start: Start, infer_request: Callable[..., Any]) -> None:
    service = start()
    engine = service.engines[0]
    engine.go.clear()
    calls = [service.method(INFER).future(infer_request().SerializeToString(), timeout=60) for _ in range(8)]
    service.wait_until(lambda: service.handlers.metrics.in_flight == 8)
    stopped: list[object] = []
    stopping = threading.Thread(target=lambda: stopped.append(service.run(service.server.stop(10))))
    stopping.start()
    service.wait_until(lambda: not service.handlers.health.ready)
    error = refused(lambda: service.call("ModelInfer", infer_request(), timeout=1))
    assert error.code() in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED}
    assert not stopped
    engine.go.set()
    assert [schema.message("ModelInferResponse").FromString(call.result()).model_name for call in calls] == ["toy"] * 8
    stopping.join(60)
    assert stopped == [None]


def test_stopping_under_load_loses_no_call(start: Start, infer_request: Callable[..., Any]) -> None:
    """Every call is answered, or refused in a way that says that nothing was begun."""
    service = start()
    sent, codes, ready = infer_request().SerializeToString(), [], threading.Barrier(9)

    def ask() -> None:
        options = [("grpc.use_local_subchannel_pool", 1)]
        with grpc.insecure_channel(service.address, options) as channel:
            method, code = channel.unary_unary(f"/{INFER}"), grpc.StatusCode.OK
            method(sent, timeout=60)
            ready.wait(60)
            while code is grpc.StatusCode.OK:
                code = method.future(sent, timeout=60).code()
                codes.append(code)

    asking = [threading.Thread(target=ask) for _ in range(8)]
    for thread in asking:
        thread.start()
    ready.wait(60)
    service.wait_until(lambda: len(codes) > 20)
    service.run(service.server.stop(10))
    for thread in asking:
        thread.join(90)
    assert set(codes) == {grpc.StatusCode.OK, grpc.StatusCode.UNAVAILABLE}
    assert codes.count(grpc.StatusCode.UNAVAILABLE) == len(asking)


def test_the_grace_ends(start: Start, infer_request: Callable[..., Any]) -> None:
    service = start()
    service.engines[0].go.clear()
    call = service.method(INFER).future(infer_request().SerializeToString(), timeout=60)
    service.wait_until(lambda: service.handlers.metrics.in_flight == 1)
    service.run(service.server.stop(0.1))
    assert call.code() in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}
    assert service.handlers.metrics.in_flight == 0


def test_calls_are_counted_by_method_and_code(start: Start, infer_request: Callable[..., Any]) -> None:
    service = start()
    service.call("ModelInfer", infer_request())
    refused(lambda: service.call("ModelInfer", infer_request([""])))
    text = service.metrics()
    assert f'seatrial_grpc_requests_total{{code="OK",method="{INFER}"}} 1.0' in text
    assert f'seatrial_grpc_requests_total{{code="INVALID_ARGUMENT",method="{INFER}"}} 1.0' in text
    assert 'seatrial_refusals_total{protocol="grpc",reason="unusable"} 1.0' in text
    assert 'seatrial_refusals_total{protocol="grpc",reason="failed"} 0.0' in text
