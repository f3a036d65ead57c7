"""`grpc.health.v1` with the health client that load balancers use."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from seatrial.serve.grpc import health
from seatrial.serve.grpc.schema import SERVICE
from seatrial.serve.settings import ServeSettings

from ...timeliness import in_time
from .conftest import Running, Start

Status = health_pb2.HealthCheckResponse


def stub_of(service: Running) -> health_pb2_grpc.HealthStub:
    return health_pb2_grpc.HealthStub(service.channel)


def asked(service: str) -> health_pb2.HealthCheckRequest:
    return health_pb2.HealthCheckRequest(service=service)


@pytest.mark.parametrize("name", ["", SERVICE])
def test_ready_until_it_stops_and_then_at_once_no_longer(start: Start, name: str) -> None:
    service = start()
    stub = stub_of(service)
    assert stub.Check(asked(name), timeout=60).status == Status.SERVING
    service.handlers.health.stop()
    assert stub.Check(asked(name), timeout=60).status == Status.NOT_SERVING
    assert set(dict(stub.List(health_pb2.HealthListRequest(), timeout=60).statuses)) == {"", SERVICE}


def test_an_unknown_service_is_not_found(service: Running) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        stub_of(service).Check(asked("other"), timeout=60)
    assert raised.value.code() is grpc.StatusCode.NOT_FOUND
    answers = stub_of(service).Watch(asked("other"), timeout=60)
    assert next(answers).status == Status.SERVICE_UNKNOWN
    answers.cancel()


def test_watchers_are_told_and_do_not_hold_up_the_end(start: Start) -> None:
    service = start()
    answers = stub_of(service).Watch(asked(""))
    assert next(answers).status == Status.SERVING
    stopping = service.run(timed_stop(service))
    assert [answer.status for answer in answers] == [Status.NOT_SERVING]
    in_time(stopping, 2, "seconds to stop")


async def timed_stop(service: Running) -> float:
    import time

    started = time.monotonic()
    await service.server.stop(10)
    return time.monotonic() - started


def silent(service: Running) -> grpc.Call:
    """A watcher that does not say what it watches."""
    return service.channel.stream_stream("/grpc.health.v1.Health/Watch")(never())


def never() -> Iterator[bytes]:
    threading.Event().wait(5)
    yield b""


def test_silent_watchers_are_counted_and_have_a_deadline(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "MAX_WATCHERS", 2)
    service = start(ServeSettings(timeout_ms=2000))
    calls = [silent(service) for _ in range(2)]
    service.wait_until(lambda: service.handlers.metrics.in_flight == 2)
    with pytest.raises(grpc.RpcError) as raised:
        next(stub_of(service).Watch(asked(""), timeout=60))
    assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
    assert {call.code() for call in calls} == {grpc.StatusCode.DEADLINE_EXCEEDED}
    answers = stub_of(service).Watch(asked(""), timeout=60)
    assert next(answers).status == Status.SERVING
    answers.cancel()


@pytest.mark.timed
def test_silent_watchers_do_not_hold_up_the_end(start: Start) -> None:
    service = start()
    calls = [silent(service) for _ in range(3)]
    service.wait_until(lambda: service.handlers.metrics.in_flight == 3)
    took_s = service.run(timed_stop(service))
    assert grpc.StatusCode.OK not in {call.code() for call in calls}
    in_time(took_s, 2, "seconds to stop")


def test_watchers_are_bounded_and_leave_room_when_they_go(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "MAX_WATCHERS", 2)
    service = start()
    stub = stub_of(service)
    watching = [stub.Watch(asked("")) for _ in range(2)]
    assert [next(answers).status for answers in watching] == [Status.SERVING] * 2
    with pytest.raises(grpc.RpcError) as raised:
        next(stub.Watch(asked(""), timeout=60))
    assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
    for answers in watching:
        answers.cancel()
    service.wait_until(lambda: service.handlers.metrics.in_flight == 0)
    again = stub.Watch(asked(""), timeout=60)
    assert next(again).status == Status.SERVING
    again.cancel()
