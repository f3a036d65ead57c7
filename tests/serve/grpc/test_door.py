"""The door of every gRPC method: keys, deadlines, cancelled calls, limits, and statuses that say when to try again."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from seatrial.serve.access import Access, Gatekeeper, Scope
from seatrial.serve.grpc import schema
from seatrial.serve.grpc.server import methods_of
from seatrial.serve.keys import KeyStore
from seatrial.serve.quota import Quota
from seatrial.serve.settings import ServeSettings

from ...timeliness import timely
from .conftest import Running, Start

PUBLIC = {
    "inference.GRPCInferenceService/ServerLive": "a probe has no key",
    "inference.GRPCInferenceService/ServerReady": "a probe has no key",
    "grpc.health.v1.Health/Check": "a probe has no key",
    "grpc.health.v1.Health/List": "a probe has no key",
    "grpc.health.v1.Health/Watch": "a load balancer has no key",
}
"""Methods that ask nobody for a key, each with its reason. One that is gone, or asks by now, must leave this list."""
SERVICES = (schema.SERVICE, "grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection")
INFER = f"{schema.SERVICE}/ModelInfer"
NO_KEY = "x-api-key", "st_0000000000000000_" + "0" * 43


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, str]:
    store = KeyStore(tmp_path / "keys.json", create=True)
    return {
        "predict": store.add("a", [Scope.PREDICT])[1],
        "metrics": store.add("b", [Scope.METRICS])[1],
        "slow": store.add("c", [Scope.PREDICT], requests_per_minute=1)[1],
    }


@pytest.fixture
def locked(keys: dict[str, str], tmp_path: Path, start: Start) -> Running:
    return start(gatekeeper=Gatekeeper(KeyStore(tmp_path / "keys.json"), Quota(None)))


def refused(call: Callable[[], object]) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as raised:
        call()
    return raised.value


def retry_after_s(error: grpc.RpcError) -> int:
    status = rpc_status.from_call(error)
    assert status.message == error.details()
    (packed,) = status.details
    info = error_details_pb2.RetryInfo()
    assert packed.Unpack(info)
    return info.retry_delay.seconds


def test_every_described_method_has_a_decision_and_nothing_else_has(service: Running) -> None:
    described = {
        f"{name}/{method.name}" for name in SERVICES for method in schema.pool().FindServiceByName(name).methods
    }
    table = methods_of(service.handlers, ServeSettings())
    assert len({method.path for method in table}) == len(table), "a method is there twice"
    assert {method.path for method in table} == described
    assert all(isinstance(method.access, Access) for method in table)
    assert all((method.answer is None) != (method.stream is None) for method in table)


def test_the_public_methods_are_exactly_those_with_a_reason(service: Running) -> None:
    public = {m.path for m in methods_of(service.handlers, ServeSettings()) if m.access is Access.PUBLIC}
    assert public == set(PUBLIC)


def test_without_a_key_nothing_else_answers(locked: Running) -> None:
    for method in methods_of(locked.handlers, ServeSettings()):
        if method.path in PUBLIC:
            answers = locked.channel.unary_stream(f"/{method.path}")(b"", timeout=60)
            assert next(answers) is not None
            answers.cancel()
            continue
        for metadata in ((), (NO_KEY,), (("authorization", "Basic eDp5"),), (("authorization", "Bearer"),)):
            error = refused(lambda m=method, sent=metadata: locked.method(m.path)(b"", metadata=sent, timeout=60))
            assert error.code() is grpc.StatusCode.UNAUTHENTICATED, method.path


@pytest.mark.parametrize("form", [("authorization", "Bearer {}"), ("x-api-key", "{}")])
def test_a_key_lets_in_where_it_may(
    locked: Running, keys: dict[str, str], infer_request: Callable[..., Any], form: tuple[str, str]
) -> None:
    def metadata(key: str) -> tuple[tuple[str, str]]:
        return ((form[0], form[1].format(keys[key])),)

    assert locked.call("ModelInfer", infer_request(), metadata=metadata("predict")).model_name == "toy"
    error = refused(lambda: locked.call("ModelInfer", infer_request(), metadata=metadata("metrics")))
    assert error.code() is grpc.StatusCode.PERMISSION_DENIED
    assert "refusals_total" in locked.metrics()
    assert 'seatrial_refusals_total{protocol="grpc",reason="forbidden"} 1.0' in locked.metrics()


@pytest.mark.parametrize(("name", "form"), [("authorization", "Bearer {}"), ("x-api-key", "{}")])
def test_two_keys_are_refused_whichever_is_valid(
    locked: Running, keys: dict[str, str], infer_request: Callable[..., Any], name: str, form: str
) -> None:
    valid, other = form.format(keys["predict"]), form.format("x")
    for pair in ((valid, other), (other, valid)):
        metadata = tuple((name, value) for value in pair)
        error = refused(lambda sent=metadata: locked.call("ModelInfer", infer_request(), metadata=sent))
        assert error.code() is grpc.StatusCode.UNAUTHENTICATED
        assert "twice" in error.details()


def test_a_used_up_key_is_told_when_to_come_back(
    locked: Running, keys: dict[str, str], infer_request: Callable[..., Any]
) -> None:
    metadata = (("x-api-key", keys["slow"]),)
    errors = []
    while not errors:
        try:
            locked.call("ModelInfer", infer_request(), metadata=metadata)
        except grpc.RpcError as error:
            errors.append(error)
    assert errors[0].code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert 1 <= retry_after_s(errors[0]) <= 60


def test_nobody_is_read_before_they_are_let_in(locked: Running) -> None:
    """A call that never sends its message is refused for its key at once, not after its deadline."""
    call = locked.channel.stream_unary(f"/{INFER}").future(never())
    assert call.code() is grpc.StatusCode.UNAUTHENTICATED


def never() -> Any:
    import threading

    threading.Event().wait(3)
    yield b""


def test_a_message_that_does_not_come_has_a_deadline(start: Start) -> None:
    service = start(ServeSettings(timeout_ms=200))
    call = service.channel.stream_unary(f"/{INFER}").future(never())
    assert call.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    service.wait_until(lambda: service.handlers.metrics.in_flight == 0)


@pytest.mark.parametrize("sent", [b"\xff\xff\xff", b"\x0a\xff", b"\x0a\x01\xff"], ids=["tag", "length", "not UTF-8"])
def test_bytes_that_are_no_message(service: Running, sent: bytes) -> None:
    error = refused(lambda: service.method(INFER)(sent, timeout=60))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "reflection" in error.details()


def test_a_call_without_a_message(service: Running) -> None:
    error = refused(lambda: service.channel.stream_unary(f"/{INFER}")(iter(()), timeout=60))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_an_unknown_method_is_counted_under_no_name_of_its_own(service: Running) -> None:
    for path in ("inference.GRPCInferenceService/Other", "other/Other"):
        assert refused(lambda p=path: service.method(p)(b"", timeout=60)).code() is grpc.StatusCode.UNIMPLEMENTED
    assert 'seatrial_grpc_requests_total{code="UNIMPLEMENTED",method="none"} 2.0' in service.metrics()
    assert "Other" not in service.metrics()


def test_the_request_id_comes_back(service: Running, infer_request: Callable[..., Any]) -> None:
    def id_of(metadata: tuple[tuple[str, str], ...], request: Any) -> str:
        call = service.method(INFER)
        try:
            _, done = call.with_call(request.SerializeToString(), metadata=metadata, timeout=60)
        except grpc.RpcError as error:
            done = error
        return str(dict(done.trailing_metadata())["x-request-id"])

    assert id_of((("x-request-id", "mine-1"),), infer_request()) == "mine-1"
    assert id_of((("x-request-id", "mine-2"),), infer_request([""])) == "mine-2"
    assert re.fullmatch("[0-9a-f]{16}", id_of((("x-request-id", "not usable"),), infer_request()))


def test_a_full_queue_says_when_to_come_back(start: Start, infer_request: Callable[..., Any]) -> None:
    service = start(ServeSettings(max_waiting=1, max_batch_items=1, workers=1))
    service.engines[0].go.clear()
    batcher = next(iter(service.handlers.catalog)).batcher
    calls = []
    for waiting in (0, 1):
        calls.append(service.method(INFER).future(infer_request().SerializeToString(), timeout=60))
        service.wait_until(lambda n=waiting: batcher.waiting == n and service.handlers.metrics.in_flight == n + 1)
    error = refused(lambda: service.call("ModelInfer", infer_request()))
    assert error.code() is grpc.StatusCode.UNAVAILABLE
    assert retry_after_s(error) >= 1
    assert service.call("ServerReady").ready, "a probe does not wait behind the queue"
    service.engines[0].go.set()
    assert all(call.result() for call in calls)


def test_too_many_open_calls(start: Start, infer_request: Callable[..., Any]) -> None:
    service = start(ServeSettings(max_calls=2, max_batch_items=1, workers=1))
    service.engines[0].go.clear()
    calls = [service.method(INFER).future(infer_request().SerializeToString(), timeout=60) for _ in range(2)]
    service.wait_until(lambda: service.handlers.metrics.in_flight == 2)
    error = refused(lambda: service.call("ModelInfer", infer_request()))
    assert error.code() is grpc.StatusCode.UNAVAILABLE
    assert retry_after_s(error) >= 1
    assert service.call("ServerLive").live
    service.engines[0].go.set()
    assert all(call.result() for call in calls)


def test_calls_that_need_no_key_take_no_room_from_the_others(start: Start, infer_request: Callable[..., Any]) -> None:
    service = start(ServeSettings(max_calls=2))
    silent = [service.channel.stream_unary(f"/{schema.SERVICE}/ServerLive").future(never()) for _ in range(2)]
    service.wait_until(lambda: service.handlers.metrics.in_flight == 2)
    assert service.call("ModelInfer", infer_request()).model_name == "toy"
    error = refused(lambda: service.call("ServerLive"))
    assert error.code() is grpc.StatusCode.UNAVAILABLE
    for call in silent:
        call.cancel()
    service.wait_until(lambda: service.handlers.metrics.in_flight == 0)
    assert service.call("ServerLive").live


@pytest.mark.timed
def test_the_clients_deadline_is_the_calls(start: Start, infer_request: Callable[..., Any]) -> None:
    service = start(ServeSettings(max_timeout_ms=30_000))
    seen: list[float] = []
    predict = service.handlers.predict.predict

    async def noted(call: Any, *arguments: Any, **named: Any) -> Any:
        import time

        seen.append(call.deadline - time.monotonic())
        return await predict(call, *arguments, **named)

    service.handlers.predict.predict = noted  # type: ignore[method-assign]
    for timeout in (2.5, 3600, None):
        service.call("ModelInfer", infer_request(), timeout=timeout)
    asked = [2.5, 30, 10]  # asked, at most max_timeout_ms, and timeout_ms by default
    assert all(left_s <= asked_s + 0.01 for left_s, asked_s in zip(seen, asked, strict=True)), seen
    timely(seen == pytest.approx(asked, abs=0.5), f"{seen} s were left of {asked} s")


def test_expired_work_is_dropped_and_not_computed(start: Start, infer_request: Callable[..., Any]) -> None:
    service = start(ServeSettings(max_batch_items=1, workers=1))
    engine, batcher = service.engines[0], next(iter(service.handlers.catalog)).batcher
    engine.go.clear()
    first = service.method(INFER).future(infer_request().SerializeToString(), timeout=60)
    service.wait_until(lambda: service.handlers.metrics.in_flight == 1)
    error = refused(lambda: service.call("ModelInfer", infer_request(["late"]), timeout=0.2))
    assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    service.wait_until(lambda: service.handlers.metrics.in_flight == 1)
    engine.go.set()
    assert first.result()
    service.wait_until(lambda: batcher.waiting == 0)
    assert engine.batches == [1]


def test_cancelled_calls_leave_nothing_behind(start: Start, infer_request: Callable[..., Any]) -> None:
    service = start(ServeSettings(max_batch_items=1, workers=1))
    engine, batcher = service.engines[0], next(iter(service.handlers.catalog)).batcher
    engine.go.clear()
    calls = [service.method(INFER).future(infer_request().SerializeToString()) for _ in range(20)]
    service.wait_until(lambda: service.handlers.metrics.in_flight == 20)
    for call in calls[1:]:
        call.cancel()
    service.wait_until(lambda: service.handlers.metrics.in_flight == 1, 1)
    engine.go.set()
    assert calls[0].result()
    service.wait_until(lambda: batcher.waiting == 0)
    assert len(engine.batches) < 20
    assert 'seatrial_refusals_total{protocol="grpc",reason="client_gone"} 19.0' in service.metrics()


def test_a_failure_inside_tells_nothing_of_the_inside(
    start: Start, infer_request: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    service = start()
    service.engines[0].failure = RuntimeError("/secret/path exploded")
    with caplog.at_level(logging.CRITICAL, "seatrial.serve"):
        error = refused(lambda: service.call("ModelInfer", infer_request()))
    assert error.code() is grpc.StatusCode.INTERNAL
    assert "secret" not in error.details()
    assert 'reason="failed"} 1.0' in service.metrics()
