from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import threading
from collections import Counter
from typing import Any

import pytest

from seatrial import load
from seatrial.errors import ServiceError
from seatrial.load.answers import Answer

from ..timeliness import in_time, timely

TEXTS = [f"text {i}" for i in range(7)]


def ctrl_c(after_s: float = 0.0) -> None:
    """What the terminal sends, from a thread that is not the one that measures."""
    threading.Timer(after_s, os.kill, (os.getpid(), signal.SIGINT)).start()


@pytest.mark.timed
def test_every_due_request_leaves_and_is_answered(service: Any) -> None:
    result = load.run(service.url, TEXTS, rate=200, duration_s=1, arrivals="constant")
    assert result.due == result.sent == result.good == 200
    assert result.statuses == {200: 200}
    assert result.versions == {"v1": 200}
    assert result.errors == {}
    assert Counter(service.received) == Counter(
        json.dumps({"inputs": TEXTS[i % len(TEXTS)]}).encode() for i in range(200)
    )
    assert result.answers_per_s <= 210
    timely(result.answers_per_s >= 190, f"{result.answers_per_s:.1f} answers/s")


@pytest.mark.timed
def test_requests_leave_on_time(service: Any) -> None:
    sent: list[float] = []
    result = load.run(
        service.url,
        TEXTS,
        rate=100,
        duration_s=1,
        arrivals="constant",
        on_answer=lambda answer: sent.append((answer.sent_s or 0) - answer.due_s),
    )
    assert min(sent) >= 0, "a request left before its moment"
    in_time(sorted(sent)[50], 0.01, "seconds by which a request left late")
    in_time(result.lag_p50_ms, 10, "median lag in ms")


@pytest.mark.timed
def test_an_open_loop_shows_a_stall_that_a_closed_loop_hides(service: Any, reaction: Any) -> None:
    """The service stops for a second. Who would have come meanwhile has waited, let in or not."""

    def stalls(number: int, since_s: float) -> Any:
        return reaction(delay_s=max(0.0, 1.5 - since_s) if 0.5 <= since_s < 1.5 else 0.0)

    service.react = stalls
    open_loop = load.run(service.url, TEXTS, rate=100, duration_s=2, arrivals="constant")
    service._first_s = 0.0
    closed_loop = load.run(service.url, TEXTS, clients=1, duration_s=2)
    assert open_loop.due == open_loop.good == 200
    # half of the requests fell into the stall, and four of five of these waited longer than 200 ms
    assert sum(latency > 200 for latency in open_loop.latencies_ms) >= 75
    assert open_loop.latency_ms(0.95) > 850
    # the one client waited once; the bounds leave room for a busy machine
    timely(closed_loop.latency_ms(1.0) > 850, "the client came too late for most of the stall")
    in_time(sum(latency > 200 for latency in closed_loop.latencies_ms), 5, "further waits of the one client")
    in_time(closed_loop.latency_ms(0.95), 200, "p95 of the one client in ms")


def test_latency_counts_the_wait_for_a_connection(service: Any, reaction: Any) -> None:
    """With one connection and 20 ms each, requests that leave together wait for each other."""
    service.react = lambda number, since_s: reaction(delay_s=0.02)
    sending = load.Sending(connections=1)
    result = load.run(service.url, TEXTS, rate=100, duration_s=0.5, arrivals="constant", sending=sending)
    assert service.most_open == 1
    assert result.good == 50
    assert result.waited_for_connection >= 45
    assert result.latency_ms(1.0) > 400  # 50 answers take 1 s at least, the last was due at 0.49 s


def test_refusals_are_counted_with_and_without_retry_after(service: Any, reaction: Any) -> None:
    kinds = [
        reaction(),
        reaction(status=503, headers="Retry-After: 1\r\n"),
        reaction(status=429, headers="retry-after: 2\r\n"),
        reaction(status=503),
        reaction(status=500),
    ]
    service.react = lambda number, since_s: kinds[number % 5]
    result = load.run(service.url, TEXTS, rate=100, duration_s=1, arrivals="constant")
    assert result.statuses == {200: 20, 503: 40, 429: 20, 500: 20}
    assert result.refusals == 60
    assert result.refusals_without_retry_after == 20
    assert result.failed_share == pytest.approx(0.8)
    assert len(result.refusal_latencies_ms) == 60


def test_transport_errors_are_told_apart_from_answers(service: Any, reaction: Any) -> None:
    kinds = [reaction(), reaction(vanish=True), reaction(delay_s=90), reaction(headers="Connection: close\r\n")]
    service.react = lambda number, since_s: kinds[number % 4]
    sending = load.Sending(timeout_s=2.0)  # nobody else takes so long on a busy machine
    result = load.run(service.url, TEXTS, rate=80, duration_s=1, arrivals="constant", sending=sending)
    assert result.statuses == {200: 40}
    assert result.errors == {"closed": 20, "timeout": 20}
    assert result.due == 80


def test_a_service_that_is_away_is_an_error_and_no_hang() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        for loop in ({"rate": 50.0}, {"clients": 2}):
            result = load.run(url, TEXTS, duration_s=0.5, **loop)  # type: ignore[arg-type]
            assert result.good == 0
            assert set(result.errors) == {"refused"}
            assert result.failed_share == 1


def test_requests_that_never_got_a_connection_are_unsent(service: Any, reaction: Any) -> None:
    service.react = lambda number, since_s: reaction(delay_s=5)
    sending = load.Sending(connections=1, timeout_s=0.3)
    result = load.run(service.url, TEXTS, rate=400, duration_s=0.1, arrivals="constant", sending=sending)
    assert sum(result.errors.values()) == 40
    assert set(result.errors) == {"timeout", "unsent"}
    assert result.sent < result.due


def test_chunked_answers_and_batches(service: Any, reaction: Any) -> None:
    service.react = lambda number, since_s: reaction(chunked=True)
    sending = load.Sending(batch=3)
    result = load.run(service.url, TEXTS, rate=50, duration_s=0.5, arrivals="constant", sending=sending)
    assert result.good == 25
    assert result.as_dict()["texts_per_s"] == pytest.approx(3 * result.answers_per_s, rel=0.01)
    assert all(len(json.loads(body)["inputs"]) == 3 for body in service.received)


def test_an_api_key_is_sent_as_a_bearer_token(service: Any) -> None:
    load.run(service.url, TEXTS, clients=1, duration_s=0.1, sending=load.Sending(api_key="st_a_b"))
    assert all(b"authorization: bearer st_a_b\r\n" in head for head in service.heads)


def test_further_headers_are_sent(service: Any) -> None:
    sending = load.Sending(headers=(("X-Request-Timeout-Ms", "250"),))
    load.run(service.url, TEXTS, clients=1, duration_s=0.1, sending=sending)
    assert service.heads
    assert all(b"x-request-timeout-ms: 250\r\n" in head for head in service.heads)


@pytest.mark.parametrize(
    ("protocol", "path", "value"),
    [
        ("predict", "/v1/predict", {"inputs": "text 0"}),
        (
            "v2",
            "/v2/models/m/infer",
            {"inputs": [{"name": "text", "shape": [1], "datatype": "BYTES", "data": ["text 0"]}]},
        ),
        ("openai-embeddings", "/v1/embeddings", {"model": "m", "input": ["text 0"]}),
    ],
)
def test_protocols(service: Any, protocol: str, path: str, value: object) -> None:
    sending = load.Sending(protocol=protocol, model="m")
    load.run(service.url, TEXTS[:1], clients=1, duration_s=0.1, sending=sending)
    assert service.heads[0].startswith(f"post {path} http/1.1\r\n".encode())
    assert json.loads(service.received[0]) == value


@pytest.mark.timed
def test_a_closed_loop_keeps_its_clients_busy(service: Any, reaction: Any) -> None:
    service.react = lambda number, since_s: reaction(delay_s=0.02)
    result = load.run(service.url, TEXTS, clients=8, duration_s=1)
    assert service.most_open == 8
    assert result.loop == "closed"
    assert result.good <= 8 / 0.02
    assert result.latency_ms(0.5) >= 20
    timely(result.good > 200, f"{result.good} answers")


def test_a_ledger_can_be_kept_outside(service: Any, reaction: Any) -> None:
    service.react = lambda number, since_s: reaction(status=503 if number % 2 else 200)
    ledger: list[Answer] = []

    async def main() -> load.LoadResult:
        return await load.open_loop(
            service.url, TEXTS, rate=100, duration_s=0.5, arrivals="constant", on_answer=ledger.append
        )

    result = asyncio.run(main())
    assert sorted(answer.request for answer in ledger) == list(range(50))
    assert all(answer.body == answer.request % len(TEXTS) for answer in ledger)
    assert all(answer.due_s <= (answer.sent_s or 0) <= answer.done_s for answer in ledger)
    assert Counter(answer.status for answer in ledger) == result.statuses
    assert all(answer.reply is not None and answer.reply.header("content-type") for answer in ledger)


def test_ctrl_c_gives_what_was_measured(service: Any, reaction: Any) -> None:
    def interrupted(number: int, since_s: float) -> Any:
        if number == 20:
            ctrl_c()
        return reaction()

    service.react = interrupted
    result = load.run(service.url, TEXTS, rate=100, duration_s=60, arrivals="constant")
    assert result.stopped
    assert 10 <= result.good <= result.due < 5000
    assert result.seconds < 50
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("loop", [{"rate": 100.0, "arrivals": "constant"}, {"clients": 4}])
def test_what_is_under_way_when_it_is_stopped_is_counted(service: Any, reaction: Any, loop: dict[str, Any]) -> None:
    def interrupted(number: int, since_s: float) -> Any:
        if number == 5:  # the two answers are there by the time
            ctrl_c(after_s=0.5)
        return reaction(delay_s=0.0 if number < 2 else 90.0)

    service.react = interrupted
    result = load.run(service.url, TEXTS, duration_s=80, **loop)
    assert result.stopped
    assert result.good == 2
    assert result.errors == {"stopped": result.due - 2}
    assert result.sent == result.due
    assert result.seconds < 60


def test_progress_is_told(service: Any) -> None:
    seen: list[tuple[int, Any, Any]] = []
    load.run(
        service.url,
        TEXTS,
        rate=50,
        duration_s=1.5,
        progress=lambda what, done, total=None, figures=None: seen.append((done, total, figures)),
    )
    assert seen
    assert all(done < total for done, total, _ in seen[:-1])
    assert seen[-1][0] == seen[-1][1], "the last report closes the bar"
    assert seen[0][2]["answers_per_s"] > 0


@pytest.mark.parametrize(
    "settings",
    [
        {"rate": 0.0},
        {"rate": 50_000.0},
        {"rate": float("nan")},
        {"clients": 0},
        {"rate": 1.0, "clients": 1},
        {},
        {"rate": 1.0, "duration_s": 100_000.0},
        {"rate": 1.0, "sending": load.Sending(protocol="smtp")},
        {"rate": 1.0, "sending": load.Sending(api_key="a\r\nX: y")},
        {"rate": 1.0, "sending": load.Sending(headers=(("X-A", "b\r\nX-C: d"),))},
        {"rate": 1.0, "sending": load.Sending(batch=0)},
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_sent(service: Any, settings: dict[str, Any]) -> None:
    with pytest.raises(ServiceError):
        load.run(service.url, TEXTS, **{"duration_s": 0.1, **settings})
    assert service.received == []


def test_no_texts_are_refused(service: Any) -> None:
    with pytest.raises(ServiceError, match="no texts"):
        load.run(service.url, [], rate=1, duration_s=1)
