"""Bad inputs over gRPC: each gets the status that blames the caller, at once, and nobody else notices."""

from __future__ import annotations

import random
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from ..ports import free_port
from ..timeliness import in_time, timely
from .bad_calls import BAD_CALLS, BAD_OPENINGS, INFER, INVALID, TOO_MUCH, BadCall, good_call, label_of
from .cases import Cases
from .figures import Figures, sized
from .judging import leak
from .odd_inputs import ODD_TEXTS
from .releases import LABELS, answers_of
from .service import Service, running

pytestmark = [pytest.mark.slow, pytest.mark.timed, pytest.mark.timeout(sized(600, 900))]

SPOILED = sized(100, 1000)
HEAD_S = 1.0
CALL_S = 60.0  # a wait, on a machine that may be busy
MOST_OFF = 1e-4
MOST_MESSAGE_CHARS = 300
MINE = {INVALID, grpc.StatusCode.NOT_FOUND, grpc.StatusCode.OK}


@pytest.fixture(scope="module")
def port() -> int:
    """A port for gRPC."""
    return free_port()


@pytest.fixture(scope="module")
def service(release: Path, port: int) -> Iterator[Service]:
    """A service that must be the same at the end, and must have failed nobody."""
    with running(release, settings={"grpc_port": port, "head_timeout_s": HEAD_S}) as service:
        pids = service.pids
        yield service
        assert set(pids) <= set(service.pids), "a process was replaced"
        assert service.metric("seatrial_refusals_total", reason="failed") == 0, service.said()


@pytest.fixture
def channel(service: Service, port: int) -> Iterator[grpc.Channel]:
    options = [("grpc.max_send_message_length", -1), ("grpc.max_metadata_size", 10**6)]
    with grpc.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
        yield channel


def _call(channel: grpc.Channel, bad: BadCall) -> tuple[grpc.StatusCode, str, float]:
    """Status, message and ms."""
    began = time.monotonic()
    try:
        channel.unary_unary(bad.path)(
            bad.sent, timeout=CALL_S, metadata=bad.metadata, compression=bad.compression, wait_for_ready=True
        )
    except grpc.RpcError as error:
        return error.code(), error.details() or "", 1e3 * (time.monotonic() - began)
    return grpc.StatusCode.OK, "", 1e3 * (time.monotonic() - began)


def _answers(channel: grpc.Channel) -> bool:
    answered = channel.unary_unary(INFER)(good_call().SerializeToString(), timeout=CALL_S, wait_for_ready=True)
    return label_of(answered)[0] in LABELS


def test_named_bad_calls_are_refused_at_once(channel: grpc.Channel, figures: Figures) -> None:
    cases = Cases()
    assert _answers(channel)
    for name, bad in BAD_CALLS.items():
        status, told, ms = _call(channel, bad)
        fault = None
        if status is not bad.status:
            fault = f"{status} in the place of {bad.status}: {told}"
        elif len(told) > MOST_MESSAGE_CHARS or leak(told) or not (told or bad.status is TOO_MUCH):
            fault = f"tells {told[:1000]!r}"
        elif not _answers(channel):
            fault = "then a good call is not answered"
        cases.keep(name, status.name, ms, fault)
    cases.write(figures, "named bad inputs over gRPC")
    assert len(cases.ms) >= 70
    cases.check()


def test_messages_spoiled_at_random_are_refused_or_answered(channel: grpc.Channel, figures: Figures, seed: int) -> None:
    print(f"seed {seed}")
    rng, cases = random.Random(seed), Cases()
    named = [bad.sent for bad in BAD_CALLS.values() if bad.path == INFER and 0 < len(bad.sent) < 10_000]
    named += [good_call().SerializeToString()] * (len(named) // 2)
    for number in range(SPOILED):
        sent = bytearray(rng.choice(named))
        for _ in range(rng.randint(1, 4)):
            sent[rng.randrange(len(sent))] ^= 1 << rng.randrange(8)
        sent = sent[: rng.randrange(1, len(sent) + 1)] if rng.random() < 0.3 else sent
        status, told, ms = _call(channel, BadCall(INVALID, bytes(sent)))
        right = status in MINE and not leak(told)
        cases.keep(f"{number}: {bytes(sent)!r}", status.name, ms, None if right else f"{status}: {told} after {ms} ms")
    cases.write(figures, "messages spoiled at random over gRPC")
    assert cases.ends["INVALID_ARGUMENT"] > SPOILED / 3 > 0
    assert _answers(channel)
    cases.check()


def test_odd_texts_are_answered_alike(channel: grpc.Channel, release: Path, figures: Figures) -> None:
    cases = Cases()
    for (name, text), row in zip(ODD_TEXTS.items(), answers_of(release, [*ODD_TEXTS.values()]), strict=True):
        began = time.monotonic()
        label, score = label_of(channel.unary_unary(INFER)(good_call(text).SerializeToString(), timeout=CALL_S))
        right = label == LABELS[row.argmax()] and abs(score - row.max()) <= MOST_OFF
        fault = None if right else f"{label} {score} in the place of {row}"
        cases.keep(name, label, 1e3 * (time.monotonic() - began), fault)
    cases.write(figures, "odd inputs over gRPC")
    cases.check()


def _opens(port: int, sent: bytes) -> bool:
    """Whether a connection that begins like this is closed in time."""
    with socket.create_connection(("127.0.0.1", port), timeout=HEAD_S + 2.0) as client:
        try:
            client.sendall(sent)
            while client.recv(65536):
                pass
        except TimeoutError:
            return False
        except OSError:  # closed so early that not everything was read
            return True
    return True


def test_what_is_no_http2_is_closed_and_harms_nobody(channel: grpc.Channel, port: int, service: Service) -> None:
    """Floods of a protocol that is kept may go on, so long as others are answered."""
    kept = {"10,000 pings", "10,000 streams that are reset", "headers that go on for ever"}
    answered_s, left_open = {}, []
    for name, sent in BAD_OPENINGS.items():
        if not _opens(port, sent) and name not in kept:
            left_open.append(name)
        began = time.monotonic()
        assert _answers(channel), name
        answered_s[name] = time.monotonic() - began
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.sendall(BAD_OPENINGS["10,000 pings"])
    assert _answers(channel)
    timely(not left_open, f"not closed in time: {left_open}")
    in_time(max(answered_s.values()), 1.0, f"a good call beside {max(answered_s, key=answered_s.__getitem__)}, in s")
