"""The guards at the socket, against raw bytes: bad requests, slow clients, crowds, and a stopping service."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from seatrial.serve.handlers import build_handlers
from seatrial.serve.http.app import create_app
from seatrial.serve.http.wire.protocol import RESERVED
from seatrial.serve.process.listening import listen
from seatrial.serve.process.server import Server
from seatrial.serve.served import ServedModel
from seatrial.serve.settings import ServeSettings

from ....timeliness import in_time
from ...conftest import FakeEngine

SETTINGS = ServeSettings(
    port=0,
    max_header_bytes=4096,
    max_body_bytes=20_000,
    head_timeout_s=0.4,
    body_timeout_s=0.4,
    keep_alive_s=1,
    grace_s=3.0,
    settle_s=0.1,
)
PATIENT = replace(SETTINGS, head_timeout_s=30, body_timeout_s=30, keep_alive_s=30, grace_s=30)
MORE_THAN_BUFFERS = 20_000_000
"""More bytes than the kernel takes for a client that does not read."""
HOST = b"Host: localhost\r\n"
BODY = b'{"inputs":"good day"}'
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
CHUNKED = b"Transfer-Encoding: chunked\r\n"
CLOSE = b"Connection: close\r\n"
OFFER = b"Connection: Upgrade, close\r\nUpgrade: h2c\r\n"
PROBE = b"GET /health/live HTTP/1.1\r\n" + HOST


def post(headers: bytes, body: bytes = BODY) -> bytes:
    return b"POST /v1/predict HTTP/1.1\r\nContent-Type: application/json\r\n" + HOST + headers + b"\r\n" + body


def in_chunks(size: int, body: bytes = BODY) -> bytes:
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@dataclass
class Running:
    """A server in a thread."""

    server: Server
    engine: FakeEngine
    port: int
    loop: asyncio.AbstractEventLoop
    clients: list[socket.socket] = field(default_factory=list)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.server.stop)

    def connect(self) -> socket.socket:
        client = socket.create_connection(("127.0.0.1", self.port))
        client.settimeout(60)
        self.clients.append(client)
        return client

    def talk(self, *parts: bytes) -> bytes:
        """Send, and read until the server closes."""
        with self.connect() as client:
            for part in parts:
                client.sendall(part)
            return read_all(client)


def read_all(client: socket.socket) -> bytes:
    received = b""
    while some := client.recv(65536):
        received += some
    return received


def answers(received: bytes) -> list[tuple[int, bytes]]:
    """Status and body of each answer; fails on anything that is not one."""
    found = []
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        assert lines[0].startswith(b"http/1.1 "), received[:200]
        assert not any(line.startswith(b"server:") for line in lines)
        status = int(lines[0].split()[1])
        length = next((int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:")), 0)
        found.append((status, rest[:length]))
        received = rest[length:]
    return found


@contextmanager
def running(folder: Path, settings: ServeSettings = SETTINGS) -> Iterator[Running]:
    engine = FakeEngine(folder)
    handlers = build_handlers([ServedModel(engine, settings)], settings)
    server = Server(create_app(settings, handlers), handlers, settings)
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    ready = threading.Event()
    loops = []

    def started(_: object) -> None:
        loops.append(asyncio.get_running_loop())
        ready.set()

    thread = threading.Thread(target=server.serve_until_stopped, args=(listener, started))
    thread.start()
    try:
        assert ready.wait(60)
        service = Running(server, engine, port, loops[0])
        yield service
        for client in service.clients:
            client.close()
    finally:
        engine.go.set()
        with suppress(RuntimeError):  # a test may have stopped it
            loops[0].call_soon_threadsafe(server.stop)
        thread.join(60)
        assert not thread.is_alive()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """For clients that are as fast as the machine lets them be."""
    with running(tmp_path_factory.mktemp("served"), PATIENT) as service:
        yield service


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """For clients that are slow on purpose."""
    with running(tmp_path_factory.mktemp("hasty")) as service:
        yield service


BAD = {
    "two lengths": (400, post(LENGTH + LENGTH)),
    "two lengths in one": (400, post(b"Content-Length: 21, 21\r\n")),
    "a negative length": (400, post(b"Content-Length: -1\r\n")),
    "a signed length": (400, post(b"Content-Length: +21\r\n")),
    "a length beyond 64 bits": (400, post(b"Content-Length: 99999999999999999999999\r\n")),
    "length and chunks": (400, post(LENGTH + CHUNKED, in_chunks(6))),
    "chunks and length": (400, post(CHUNKED + LENGTH, in_chunks(6))),
    "an unknown coding": (400, post(b"Transfer-Encoding: xchunked\r\n", in_chunks(6))),
    "two codings": (400, post(b"Transfer-Encoding: gzip, chunked\r\n", in_chunks(6))),
    "a coding twice": (400, post(CHUNKED + CHUNKED, in_chunks(6))),
    "chunks in HTTP/1.0": (400, post(CHUNKED, in_chunks(6)).replace(b"HTTP/1.1", b"HTTP/1.0")),
    "a chunk beyond 64 bits": (400, post(CHUNKED, b"FFFFFFFFFFFFFFFFF\r\nab")),
    "a chunk that is no number": (400, post(CHUNKED, b"zz\r\nab\r\n")),
    "a chunk that is longer than it says": (400, post(CHUNKED, b"2\r\nabcdef\r\n")),
    "a later chunk that is bad": (400, post(CHUNKED, b'6\r\n{"inpu\r\nzz\r\n')),
    "lines that end with LF": (400, b"GET /health/live HTTP/1.1\nHost: localhost\n\n"),
    "a header that ends with LF": (400, b"GET /health/live HTTP/1.1\r\nHost: localhost\nX: b\r\n\r\n"),
    "CR in a header": (400, PROBE + b"X: a\rb\r\n\r\n"),
    "NUL in a header": (400, PROBE + b"X: a\0b\r\n\r\n"),
    "a space before the colon": (400, PROBE + b"X : a\r\n\r\n"),
    "a folded header": (400, PROBE + b"X: a\r\n b\r\n\r\n"),
    "no host": (400, b"GET /health/live HTTP/1.1\r\n\r\n"),
    "two hosts": (400, PROBE + HOST + b"\r\n"),
    "TLS": (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    "HTTP/2": (400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "HTTP/0.9": (400, b"GET /health/live\r\n\r\n"),
    "HTTP/1.2": (400, b"GET /health/live HTTP/1.2\r\nHost: localhost\r\n\r\n"),
    "CONNECT": (400, b"CONNECT a:80 HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    "bytes that are no ASCII in the path": (400, b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    "an unknown method": (400, b"BREWS / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    "a long header": (431, PROBE + b"X: " + b"a" * 4100 + b"\r\n\r\n"),
    "many headers": (431, PROBE + b"a: b\r\n" * 1000 + b"\r\n"),
    "a long address": (431, b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    "a header without end": (431, PROBE + b"X: " + b"a" * 100_000),
    "an address without end": (431, b"GET /" + b"a" * 100_000),
    "a large body": (413, post(b"Content-Length: 3000000\r\n", b"x" * 3_000_000)),
    "a large body in chunks": (413, post(CHUNKED, in_chunks(100_000, b"x" * 3_000_000))),
    "a large body that is announced": (413, post(b"Content-Length: 30000\r\nExpect: 100-continue\r\n", b"")),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.timed
def test_bad_bytes_are_refused_in_our_own_words_and_the_connection_ends(service: Running, name: str) -> None:
    status, sent = BAD[name]
    began = time.monotonic()
    [(got, body)] = answers(service.talk(sent))
    took_s = time.monotonic() - began
    assert got == status
    assert set(json.loads(body)["error"]) == {"message", "hint"}
    in_time(took_s, 1, "seconds until it is refused")


GOOD = {
    "one": [post(LENGTH + CLOSE)],
    "chunks of six bytes": [post(CHUNKED + CLOSE, in_chunks(6))],
    "chunks of one byte with extensions": [post(CHUNKED + CLOSE, in_chunks(1).replace(b"1\r\n", b"1;a=b\r\n", 3))],
    "byte by byte": [bytes([byte]) for byte in post(LENGTH + CLOSE)],
    "trailers": [post(CHUNKED + CLOSE, in_chunks(6)[:-2] + b"X-Late: 1\r\nHost: b\r\n\r\n")],
    "HTTP/1.0": [post(LENGTH).replace(b"HTTP/1.1", b"HTTP/1.0")],
    "an offer that is not taken": [post(LENGTH + OFFER)],
    "an offer that is not taken, byte by byte": [bytes([byte]) for byte in post(LENGTH + OFFER)],
    "an offer that is not taken, in chunks": [post(CHUNKED + OFFER, in_chunks(6))],
    "line ends before": [b"\r\n\r\n" + post(LENGTH + CLOSE)],
}


@pytest.mark.parametrize("name", GOOD)
def test_unusual_requests_are_answered(service: Running, name: str) -> None:
    [(status, body)] = answers(service.talk(*GOOD[name]))
    assert (status, json.loads(body)["predictions"][0]["n"]) == (200, len("good day"))


def test_a_client_that_asks_first_is_told_to_go_on(service: Running) -> None:
    with service.connect() as client:
        client.sendall(post(LENGTH + CLOSE + b"Expect: 100-continue\r\n", b""))
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(BODY)
        assert [status for status, _ in answers(read_all(client))] == [200]


def test_a_body_that_was_asked_for_and_not_wanted_ends_the_connection(service: Running) -> None:
    unwanted = post(LENGTH + b"Expect: 100-continue\r\n", b"").replace(b"application/json", b"text/plain")
    assert [status for status, _ in answers(service.talk(unwanted))] == [415]


def test_a_connection_survives_a_refusal_before_the_body(service: Running) -> None:
    with service.connect() as client:
        client.sendall(post(LENGTH, b"").replace(b"application/json", b"text/plain"))
        assert b" 415 " in client.recv(4096)
        client.sendall(BODY + PROBE + CLOSE + b"\r\n")
        assert answers(read_all(client)) == [(200, b"alive")]


def test_pipelined_requests_are_answered_in_order(service: Running) -> None:
    bodies = [json.dumps({"inputs": "x" * n}).encode() for n in (1, 2, 3)]
    sent = b"".join(post(b"Content-Length: %d\r\n" % len(body), body) for body in bodies)
    found = answers(service.talk(sent + PROBE + CLOSE + b"\r\n"))
    assert [json.loads(body)["predictions"][0]["n"] for _, body in found[:3]] == [1, 2, 3]
    assert found[3:] == [(200, b"alive")]


def test_rubbish_after_a_request_does_not_cost_its_answer(service: Running) -> None:
    assert [status for status, _ in answers(service.talk(post(LENGTH) + post(LENGTH) + b"\0\1\r\n\r\n"))] == [
        200,
        200,
        400,
    ]


def test_a_client_that_offers_another_protocol_goes_on_in_this_one(service: Running) -> None:
    offer = OFFER.replace(b", close", b"")
    found = answers(service.talk(post(LENGTH + offer) + PROBE + offer + b"\r\n" + post(LENGTH + CLOSE)))
    assert [status for status, _ in found] == [200, 200, 200]
    assert found[1][1] == b"alive"


@pytest.mark.timed
def test_slow_clients_lose_their_place(hasty: Running) -> None:
    slow = {
        "nothing": (b"", []),
        "line ends": (b"\r\n\r\n", []),
        "half a line": (b"GET /hea", [408]),
        "half a head": (PROBE, [408]),
        "half a body": (post(LENGTH, BODY[:5]), [408]),
        "half a chunk": (post(CHUNKED, b"6\r\nabc"), [408]),
        "a body that nobody needs": (post(LENGTH, b"").replace(b"application/json", b"text/plain"), [415]),
        "a second request": (PROBE + b"\r\n" + PROBE, [200, 408]),
        "idle": (PROBE + b"\r\n", [200]),
    }

    def statuses(sent: bytes) -> list[int]:
        with hasty.connect() as client:
            client.sendall(sent)
            return [status for status, _ in answers(read_all(client))]

    began = time.monotonic()
    with ThreadPoolExecutor(len(slow)) as pool:
        found = dict(zip(slow, pool.map(statuses, (sent for sent, _ in slow.values())), strict=True))
    assert found == {name: expected for name, (_, expected) in slow.items()}
    in_time(time.monotonic() - began, 4, "seconds until all have lost their place")


def test_a_slow_body_is_logged_and_counted_once_as_what_the_client_was_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "seatrial.serve.requests")
    with running(tmp_path) as service:
        [(status, _)] = answers(service.talk(post(LENGTH, BODY[:5])))
        until(lambda: caplog.records)
        counted = service.server._handlers.metrics.text().decode()
    [record] = caplog.records
    assert (status, record.fields["status"], record.fields["refusal"]) == (408, 408, "slow_client")
    assert 'seatrial_refusals_total{protocol="rest",reason="slow_client"} 1.0' in counted
    assert 'reason="client_gone"} 1.0' not in counted
    assert 'seatrial_http_requests_total{route="/v1/predict",status="408"} 1.0' in counted


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


OWN_NAMES = ["localhost", "LocalHost:8000", "127.0.0.1", "127.0.0.1:1", "127.8.9.10:80", "[::1]", "[::1]:8000"]
FOREIGN_NAMES = [
    "evil.example",
    "localhost.evil.example:8000",
    "127.0.0.1.evil.example",
    "10.0.0.1",
    "[::2]:80",
    "[::1",
    "::1",
    "localhost:80:80",
    "user@localhost",
    "a b",
    "",
]


@pytest.mark.parametrize(
    ("changes", "names", "expected"),
    [
        ({}, OWN_NAMES, 200),
        ({}, FOREIGN_NAMES, 421),
        ({"host": "my.own.example"}, ["evil.example", "my.own.example"], 200),
        ({"host": "0.0.0.0", "insecure": True}, FOREIGN_NAMES[:4], 200),
        ({"insecure": True}, FOREIGN_NAMES[:4], 200),
        ({"keys_file": Path("keys.json")}, FOREIGN_NAMES[:4], 200),
    ],
)
def test_on_loopback_without_keys_only_its_own_names_are_answered(
    tmp_path: Path, changes: dict[str, Any], names: list[str], expected: int
) -> None:
    """Else a web page could point a name of its own at this machine and read the answers."""
    with running(tmp_path, replace(SETTINGS, **changes)) as service:
        for name in names:
            request = b"GET /health/live HTTP/1.1\r\nHost: %s\r\n" % name.encode() + CLOSE + b"\r\n"
            [(status, body)] = answers(service.talk(request))
            assert status == expected, name
            if status != 200:
                assert "--insecure" in json.loads(body)["error"]["hint"]


def test_a_drop_now_and_then_does_not_buy_time(hasty: Running) -> None:
    with hasty.connect() as client:
        client.sendall(PROBE)
        client.settimeout(0.05)
        received, began = b"", time.monotonic()
        while not received and time.monotonic() - began < 60:
            client.sendall(b"X: y\r\n")
            with suppress(TimeoutError):
                received = client.recv(4096)
        assert b" 408 " in received


def test_a_client_that_does_not_read_is_cut_off(tmp_path: Path) -> None:
    with running(tmp_path) as service, service.connect() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(0.5)
        with suppress(OSError):  # answers of about 400 bytes that nobody reads, until every buffer is full
            for _ in range(400):
                client.sendall((PROBE + b"\r\n") * 100)
        until(lambda: not service.server.server_state.connections)


def test_a_client_that_asks_to_close_and_does_not_read_is_cut_off(tmp_path: Path) -> None:
    with running(tmp_path) as service, service.connect() as client:
        service.engine.describe = lambda output, text: {"n": "x" * MORE_THAN_BUFFERS}  # type: ignore[method-assign]
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(post(LENGTH + CLOSE))
        assert client.recv(1), "it was not answered"
        until(lambda: not service.server.server_state.connections)


def test_a_crowd_is_told_to_come_back_and_probes_get_through(tmp_path: Path) -> None:
    settings = ServeSettings(port=0, max_connections=3, head_timeout_s=60)
    with running(tmp_path, settings) as service:
        crowd = [service.connect() for _ in range(3)]
        time.sleep(0.1)
        received = service.talk(post(LENGTH))
        assert [status for status, _ in answers(received)] == [503]
        assert b"retry-after: 1" in received.lower()
        assert answers(service.talk(PROBE + CLOSE + b"\r\n")) == [(200, b"alive")]
        crowd += [service.connect() for _ in range(RESERVED)]
        time.sleep(0.1)
        received = service.talk(post(LENGTH))
        assert [status for status, _ in answers(received)] == [503]
        assert b"retry-after: 1" in received.lower()
        for client in crowd:
            client.close()
        until(lambda: [status for status, _ in answers(service.talk(post(LENGTH + CLOSE)))] == [200])


def test_a_stopping_service_answers_everything_that_reached_it(tmp_path: Path) -> None:
    with running(tmp_path, replace(PATIENT, settle_s=1.5)) as service:
        service.engine.go.clear()
        computing = [service.connect() for _ in range(5)]
        for client in computing:
            client.sendall(post(LENGTH) * 2)  # two, one behind the other
        idle, half = service.connect(), service.connect()
        half.sendall(post(LENGTH, BODY[:4]))
        time.sleep(0.1)
        service.stop()
        time.sleep(0.05)
        late = service.connect()  # the door is open until the load balancer knows
        late.sendall(post(LENGTH))
        half.sendall(BODY[4:])
        time.sleep(0.1)
        service.engine.go.set()
        for client in computing:
            received = read_all(client)
            assert [status for status, _ in answers(received)] == [200, 200]
            assert received.lower().count(b"connection: close") == 1
        assert [status for status, _ in answers(read_all(half))] == [200]
        assert [status for status, _ in answers(read_all(late))] == [200]
        assert read_all(idle) == b""


@pytest.mark.timed
def test_what_takes_longer_than_the_grace_is_refused_and_told_when_to_come_back(tmp_path: Path) -> None:
    settings = ServeSettings(port=0, grace_s=0.5, settle_s=0.1)
    with running(tmp_path, settings) as service:
        service.engine.go.clear()
        client = service.connect()
        client.sendall(post(LENGTH))
        time.sleep(0.1)
        began = time.monotonic()
        service.stop()
        received = read_all(client)
        took_s = time.monotonic() - began
        assert [status for status, _ in answers(received)] == [503]
        assert b"retry-after:" in received.lower()
        in_time(took_s, 1.5, "seconds until it is refused")


def test_a_refusal_at_the_end_of_the_grace_is_not_written_into_an_answer(tmp_path: Path) -> None:
    async def unfinished(scope: Scope, receive: Receive, send: Send) -> None:
        size = str(MORE_THAN_BUFFERS + 1).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", size)]})
        await send({"type": "http.response.body", "body": b"x" * MORE_THAN_BUFFERS, "more_body": True})
        await send({"type": "http.response.body", "body": b"x"})  # waits for the client

    settings = ServeSettings(port=0, grace_s=0.5, settle_s=0.1)
    with running(tmp_path, settings) as service:
        service.server.config.loaded_app = unfinished
        with service.connect() as client:
            client.sendall((PROBE + b"\r\n") * 2)
            assert client.recv(12, socket.MSG_WAITALL) == b"HTTP/1.1 200"
            service.stop()
            time.sleep(0.7)
            _, _, body = read_all(client).partition(b"\r\n\r\n")
        assert len(body) > MORE_THAN_BUFFERS / 2
        assert body.strip(b"x") == b""
