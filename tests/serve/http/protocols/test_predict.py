"""`POST /v1/predict` from the socket's side: what comes in is guarded, what goes out has one shape."""

from __future__ import annotations

import asyncio
import json
import time

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seatrial.serve.access import ANONYMOUS
from seatrial.serve.call import Call
from seatrial.serve.settings import ServeSettings

from ....timeliness import in_time

DEEP = b"[" * 250_000


def error_of(response):
    """The error of a response that has exactly the documented shape."""
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) <= {"message", "hint"}
    for inside in ("Traceback", "/srv", "/usr", ".py", "seatrial."):
        assert inside not in response.text
    return body["error"]


def test_an_answer_has_the_documented_shape(client) -> None:
    response = client.predict({"inputs": "hello"})
    assert response.status_code == 200
    body = response.json()
    assert set(body) == {"model", "version", "predictions", "latency_ms", "timings", "cached"}
    assert body["predictions"][0]["label"] == "good"
    assert response.headers["content-type"] == "application/json"


def test_texts_beyond_ascii_arrive_whole(client) -> None:
    assert client.predict({"inputs": ["naïve", "日本語", "🙂🙂"]}).json()["predictions"][2]["n"] == 2


BAD_INPUTS = {
    "nothing": (b"", 400, "the body is empty"),
    "no JSON": (b"inputs=hello", 400, "not JSON"),
    "cut JSON": (b'{"inputs": "hel', 400, "not JSON"),
    "two values": (b'{"inputs": "a"} {}', 400, "not JSON"),
    "invalid UTF-8": (b'{"inputs": "\xff\xfe"}', 400, "not UTF-8"),
    "overlong UTF-8": (b'{"inputs": "\xc0\xaf"}', 400, "not UTF-8"),
    "UTF-16": ('{"inputs": "a"}'.encode("utf-16"), 400, "not UTF-8"),
    "byte order mark": (b'\xef\xbb\xbf{"inputs": "a"}', 400, "byte order mark"),
    "deep list": (DEEP, 400, "deeper than 64"),
    "deep objects": (b'{"a":' * 40_000, 400, "deeper than 64"),
    "deep inside inputs": (b'{"inputs": ' + b"[" * 70 + b"]" * 70 + b"}", 400, "deeper than 64"),
    "NaN": (b'{"inputs": NaN}', 400, "number"),
    "10,000 digits": (b'{"inputs": ' + b"9" * 10_000 + b"}", 400, "number"),
    "too large": (b'{"inputs": "' + b"x" * 2_100_000 + b'"}', 413, "larger than 2000000 bytes"),
    "a list": (b'["hello"]', 422, "not a JSON object"),
    "a text": (b'"hello"', 422, "not a JSON object"),
    "no field": (b"{}", 422, "'inputs' is missing"),
    "near field": (b'{"input": "hello"}', 422, "unknown field 'input'"),
    "more fields": (b'{"inputs": "hello", "top_k": 3}', 422, "unknown field 'top_k'"),
    "null": (b'{"inputs": null}', 422, "inputs is null"),
    "number": (b'{"inputs": 3}', 422, "inputs is a number"),
    "number inside": (b'{"inputs": ["a", 3]}', 422, "inputs[1] is a number"),
    "empty text": (b'{"inputs": ""}', 422, "inputs is empty"),
    "33 texts": (json.dumps({"inputs": ["a"] * 33}).encode(), 422, "33 texts"),
    "half a surrogate pair": (rb'{"inputs": "\ud83d"}', 422, "surrogate"),
}


@pytest.mark.parametrize("name", BAD_INPUTS)
@pytest.mark.timed
def test_bad_input_is_refused_with_a_message_and_quickly(client, name) -> None:
    body, status, message = BAD_INPUTS[name]
    started = time.perf_counter()
    response = client.predict(body)
    took_s = time.perf_counter() - started
    assert response.status_code == status
    error = error_of(response)
    assert message in error["message"]
    assert error["hint"]
    in_time(took_s, 1, "seconds until it is refused")
    assert client.engine.batches == []
    assert client.predict({"inputs": "still alive"}).status_code == 200


def test_brackets_inside_a_text_are_no_depth(client) -> None:
    text = '[[{{"\\' * 50
    assert client.predict({"inputs": text}).json()["predictions"][0]["n"] == len(text)


def test_odd_but_whole_texts_are_answered(client) -> None:
    assert client.predict({"inputs": ["a\x00", "\u202eright to left", "a\u0301"]}).status_code == 200


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=60)
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["inputs", "x"]), inner, max_size=2)
        ),
    )
)
def test_no_body_brings_a_500(client, body) -> None:
    response = client.predict(body)
    assert response.status_code in {200, 400, 422}
    if response.status_code != 200:
        error_of(response)


def test_a_body_is_refused_while_it_is_read(make_client) -> None:
    """Without a declared length, no more is taken than what shows that it is too much."""
    client = make_client(ServeSettings(max_body_bytes=1024))
    sent = 0

    async def run() -> int:
        async def receive():
            nonlocal sent
            sent += 1
            return {"type": "http.request", "body": b"x" * 512, "more_body": True}

        statuses = []

        async def send(message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": "/v1/predict",
            "raw_path": b"/v1/predict",
            "query_string": b"",
            "root_path": "",
            "headers": [(b"content-type", b"application/json")],
            "server": ("test", 80),
            "client": ("test", 1),
        }
        await client.app(scope, receive, send)
        return statuses[0]

    assert asyncio.run(run()) == 413
    assert sent == 3


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"Content-Type": "application/x-www-form-urlencoded"}, "declared as application/x-www-form-urlencoded"),
        ({"Content-Type": "application/json", "Content-Encoding": "br"}, "compressed"),
        ({}, "declared as nothing"),
    ],
)
def test_other_kinds_of_body_are_refused(client, headers, message) -> None:
    response = client.request("POST", "/v1/predict", content=b'{"inputs": "a"}', headers=headers)
    assert response.status_code == 415
    assert message in error_of(response)["message"]


def test_a_failing_engine_is_a_500_that_tells_nothing_inside(client, caplog) -> None:
    client.engine.failure = RuntimeError("secret /srv/model.onnx")
    response = client.predict({"inputs": "hello"})
    assert response.status_code == 500
    assert "secret" not in response.text
    assert error_of(response)["message"] == "the service failed to answer"
    assert "secret" in caplog.text
    client.engine.failure = None
    assert client.predict({"inputs": "hello"}).status_code == 200


def test_a_full_queue_is_a_503_with_retry_after(make_client) -> None:
    client = make_client(ServeSettings(max_waiting=1, workers=1))
    batcher = client.handlers.catalog.find().batcher

    async def run() -> httpx.Response:
        transport = httpx.ASGITransport(client.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            client.engine.go.clear()
            held = []
            for text in ("computed", "waiting"):
                held.append(asyncio.create_task(http.post("/v1/predict", json={"inputs": text})))
                async with asyncio.timeout(60):
                    while batcher.in_flight < len(held):
                        await asyncio.sleep(0.001)
            refused = await http.post("/v1/predict", json={"inputs": "one too many"})
            client.engine.go.set()
            assert [(await answer).status_code for answer in held] == [200, 200]
        return refused

    response = asyncio.run(run())
    assert response.status_code == 503
    assert int(response.headers["retry-after"]) >= 1
    assert "busy" in error_of(response)["message"]


def test_a_vanished_client_costs_no_computation(make_client) -> None:
    """Its request waits behind another one; when it hangs up, the work is dropped and nobody else is disturbed."""
    client = make_client(ServeSettings(workers=1))
    body = json.dumps({"inputs": "gone"}).encode()

    async def run() -> list[int]:
        client.engine.go.clear()
        call = Call(ANONYMOUS, time.monotonic() + 100, "test", "rest")
        blocking = asyncio.create_task(client.handlers.predict.predict(call, "first"))
        leaving = asyncio.Event()
        statuses = []

        async def receive():
            if not leaving.is_set() and not receive.read:
                receive.read = True
                return {"type": "http.request", "body": body, "more_body": False}
            await leaving.wait()
            return {"type": "http.disconnect"}

        receive.read = False

        async def send(message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": "/v1/predict",
            "raw_path": b"/v1/predict",
            "query_string": b"",
            "root_path": "",
            "headers": [(b"content-type", b"application/json")],
            "server": ("test", 80),
            "client": ("test", 1),
        }
        request = asyncio.create_task(client.app(scope, receive, send))
        async with asyncio.timeout(60):
            while not client.handlers.catalog.find().batcher.waiting:
                await asyncio.sleep(0.001)
            leaving.set()
            await request
        client.engine.go.set()
        await blocking
        assert (await client.handlers.predict.predict(call, "last")).outputs
        return statuses

    assert asyncio.run(run()) == [499]
    assert client.engine.batches == [1, 1]
