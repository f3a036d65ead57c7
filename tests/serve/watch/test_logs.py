"""The service's log: JSON lines, one per request, that no client can forge or fill with its texts."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from seatrial.errors import ServiceError
from seatrial.serve.settings import ServeSettings
from seatrial.serve.watch import logs as module
from seatrial.serve.watch.logs import Logs, configure_logs

from ...timeliness import in_time
from ..conftest import Client

CANARY = "canary-7f3a"


class Log:
    """A configured log and what was written to it."""

    def __init__(self, file: Path, **options: Any) -> None:
        self._file = file
        self._descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._logs: Logs | None = configure_logs(fd=self._descriptor, **options)

    def close(self) -> None:
        if self._logs is not None:
            self._logs.close()
            self._logs = None
            os.close(self._descriptor)

    def text(self) -> str:
        """Everything; closes the log."""
        self.close()
        return self._file.read_text(encoding="ascii")

    def lines(self) -> list[dict[str, Any]]:
        """Every line as JSON; closes the log."""
        return [json.loads(line) for line in self.text().splitlines()]

    def requests(self) -> list[dict[str, Any]]:
        return [line for line in self.lines() if line["logger"] == "seatrial.serve.requests"]


@pytest.fixture
def open_log(tmp_path: Path) -> Iterator[Callable[..., Log]]:
    opened: list[Log] = []

    def open_(**options: Any) -> Log:
        opened.append(Log(tmp_path / f"log-{len(opened)}", **options))
        return opened[-1]

    yield open_
    for log in opened:
        log.close()


@pytest.fixture
def log(open_log: Callable[..., Log]) -> Log:
    return open_log()


def test_a_request_is_one_line(log: Log, client: Client) -> None:
    answer = client.request("POST", "/v1/predict", json={"inputs": ["good", "day!"]}, headers={"X-Request-Id": "a-1"})
    assert answer.status_code == 200
    [line] = log.requests()
    assert line | {"time": "", "duration_ms": 0, "tokenize_ms": 0, "queue_ms": 0, "compute_ms": 0} == {
        "time": "",
        "level": "INFO",
        "logger": "seatrial.serve.requests",
        "message": "request",
        "request_id": "a-1",
        "method": "POST",
        "route": "/v1/predict",
        "status": 200,
        "duration_ms": 0,
        "protocol": "rest",
        "tenant": "anonymous",
        "model": "toy",
        "version": "0123456789ab",
        "texts": 2,
        "tokens": 8,
        "cached": 0,
        "tokenize_ms": 0,
        "queue_ms": 0,
        "compute_ms": 0,
    }
    assert line["duration_ms"] >= line["tokenize_ms"] + line["queue_ms"] + line["compute_ms"] > 0
    assert line["time"].endswith("Z")
    assert len(line["time"]) == len("2026-01-01T00:00:00.000Z")


def test_a_refusal_says_why_in_one_word(log: Log, client: Client) -> None:
    client.predict({"inputs": 5})
    client.predict(b"{")
    client.get("/nothing/here")
    refused = [(line["status"], line.get("refusal"), line["route"]) for line in log.requests()]
    assert refused == [(422, "unusable", "/v1/predict"), (400, "malformed", "/v1/predict"), (404, None, "none")]


def test_probes_are_for_debugging(open_log: Callable[..., Log], client: Client) -> None:
    quiet = open_log()
    for path in ("/health/live", "/health/ready", "/metrics"):
        client.get(path)
    client.handlers.health.stop()
    client.get("/health/ready")
    assert [(line["route"], line["status"]) for line in quiet.requests()] == [("/health/ready", 503)]
    loud = open_log(level="DEBUG")
    client.get("/health/live")
    assert [line["level"] for line in loud.requests()] == ["DEBUG"]


def test_a_higher_level_logs_no_requests(open_log: Callable[..., Log], client: Client) -> None:
    log = open_log(level="WARNING")
    client.predict({"inputs": "good"})
    assert log.text() == ""


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ServiceError, match="'LOUD'") as caught:
        configure_logs("LOUD")
    assert caught.value.hint == "take DEBUG, INFO, WARNING, ERROR"


def odd_requests(client: Client) -> None:
    """Everything that a client controls, with a canary in it."""
    headers = {
        "Authorization": f"Bearer {CANARY}",
        "X-API-Key": CANARY,
        "User-Agent": CANARY,
        "Cookie": CANARY,
        "Traceparent": CANARY,
        "Tracestate": f"x={CANARY}",
        "Baggage": f"x={CANARY}",
        "X-Request-Id": f"{CANARY} not usable",
        "X-Request-Timeout-Ms": CANARY,
        "Content-Type": "application/json",
    }
    client.predict({"inputs": [f"{CANARY} good", CANARY]})
    client.predict({"inputs": "x", CANARY: 1})
    client.predict({"inputs": {CANARY: CANARY}})
    client.predict({"inputs": "x", "model": CANARY, "version": CANARY})
    client.predict(f'{{"inputs": "{CANARY}'.encode())
    client.predict(f"\xff{CANARY}".encode("latin-1"))
    client.request("POST", "/v1/predict", json={"inputs": CANARY}, headers=headers)
    client.request("POST", "/v1/predict", content=CANARY, headers={"Content-Type": CANARY})
    client.request("GET", f"/{CANARY}?{CANARY}={CANARY}")
    client.request("GET", "/v1/model", params={CANARY: CANARY})
    client.request(CANARY.upper(), "/v1/predict")
    client.request("POST", "/v1/predict/" + CANARY)


def test_nothing_that_a_client_sends_is_in_the_log(log: Log, client: Client) -> None:
    odd_requests(client)
    client.engine.failure = KeyError(f"{CANARY}: a library that quotes its input")
    client.engine.failure.__cause__ = ValueError(CANARY)
    client.engine.failure.add_note(CANARY)
    assert client.predict({"inputs": CANARY}).status_code == 500
    text = log.text()
    assert "KeyError" in text
    assert "ValueError" in text
    assert CANARY not in text.lower()
    assert len([line for line in text.splitlines() if '"request"' in line]) == 13
    assert '"method":"_OTHER"' in text


def test_texts_are_there_when_asked_for(
    open_log: Callable[..., Log], make_client: Callable[[ServeSettings], Client]
) -> None:
    log = open_log(texts=True)
    client = make_client(ServeSettings(log_texts=True))
    client.predict({"inputs": [f"{CANARY} good", "x" * 3000]})
    client.engine.failure = RuntimeError(CANARY)
    client.predict({"inputs": "y"})
    lines = log.lines()
    assert lines[0]["inputs"] == [f"{CANARY} good", "x" * 1000]
    assert f"RuntimeError: {CANARY}" in lines[1]["traceback"]


def test_a_failure_has_its_traceback_and_its_request(log: Log, client: Client) -> None:
    client.engine.failure = RuntimeError("inside")
    client.request("POST", "/v1/predict", json={"inputs": "x"}, headers={"X-Request-Id": "a-2"})
    failure, request = log.lines()
    assert (failure["level"], failure["exception"], failure["request_id"]) == ("ERROR", "RuntimeError", "a-2")
    assert "in outputs" in failure["traceback"]
    assert (request["status"], request["refusal"], request["request_id"]) == (500, "failed", "a-2")


FORGERIES = (
    'a\n{"level":"INFO"}',
    "a\r\nb",
    "\x1b[2J\x1b]0;owned\x07",
    "\u2028\u2029\u202e",
    "\x7f\x85",
    "\ud800",
    '"}\\',
)


@pytest.mark.parametrize("forgery", FORGERIES, ids=ascii)
@pytest.mark.parametrize("as_json", [True, False])
def test_no_message_makes_two_lines(open_log: Callable[..., Log], forgery: str, as_json: bool) -> None:
    log = open_log(json=as_json)
    logging.getLogger("uvicorn.error").warning("odd: %s", forgery)
    text = log.text()
    assert text.count("\n") == 1
    assert text.endswith("\n")
    assert all(" " <= character <= "~" for character in text[:-1])
    if as_json:
        assert json.loads(text)["message"] == f"odd: {forgery}"


def test_libraries_warnings_and_threads_go_to_the_same_place(log: Log) -> None:
    logging.getLogger("uvicorn.error").info("not this")
    logging.getLogger("uvicorn.error").error("this")
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        warnings.warn("and this", stacklevel=1)

    def fail() -> None:
        raise RuntimeError(CANARY)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    lines = log.lines()
    assert [line["logger"] for line in lines] == ["uvicorn.error", "py.warnings", "seatrial.serve"]
    assert lines[2]["exception"] == "RuntimeError"


def test_a_message_that_does_not_fit_its_arguments_is_told_and_hidden(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as file:
        handler = module.QueuedHandler(file.fileno())
        handler.setFormatter(module.JsonFormatter(texts=False))
        handler.handle(logging.LogRecord("library", logging.WARNING, "", 0, "%d texts", (CANARY,), None))
        handler.close()
    [line] = (tmp_path / "log").read_text().splitlines()
    assert json.loads(line) | {"time": ""} == {
        "time": "",
        "level": "ERROR",
        "logger": "library",
        "message": "a line could not be formatted",
    }


def test_lines_for_people(open_log: Callable[..., Log], client: Client) -> None:
    log = open_log(json=False)
    client.predict({"inputs": "good"})
    client.engine.failure = RuntimeError("x")
    client.predict({"inputs": "good"})
    lines = log.text().splitlines()
    assert " INFO    request request_id=" in lines[0]
    assert " route=/v1/predict status=200 " in lines[0]
    assert any(line.startswith("    Traceback") for line in lines)


def test_closing_puts_everything_back(open_log: Callable[..., Log]) -> None:
    before = (logging.getLogger().handlers[:], logging.getLogger().level, threading.excepthook, warnings.showwarning)
    open_log().close()
    after = (logging.getLogger().handlers[:], logging.getLogger().level, threading.excepthook, warnings.showwarning)
    assert after == before


@pytest.mark.timed
def test_a_reader_who_stops_reading_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_LINES", 100)
    monkeypatch.setattr(module, "CLOSE_S", 0.2)
    reader, writer = os.pipe()
    logs = configure_logs(fd=writer)
    own = logging.getLogger("seatrial.serve")
    own.info("first")
    time.sleep(0.1)
    started = time.monotonic()
    for _ in range(20):
        for _ in range(200):
            own.info("%s", "x" * 1000)
        time.sleep(0.005)
    took_s = time.monotonic() - started
    data = b""
    while b"lines dropped" not in data:
        data += os.read(reader, 65536)
    os.set_blocking(reader, False)
    logs.close()
    told = [json.loads(line) for line in data.splitlines() if b"dropped" in line and line.endswith(b"}")]
    assert told[0]["level"] == "WARNING"
    os.close(reader)
    os.close(writer)
    in_time(took_s, 2, "seconds for 4,000 lines that nobody reads")


def test_a_reader_who_is_gone_is_no_failure() -> None:
    reader, writer = os.pipe()
    logs = configure_logs(fd=writer)
    os.close(reader)
    logging.getLogger("seatrial.serve").info("nobody hears this")
    time.sleep(0.1)
    logging.getLogger("seatrial.serve").info("nor this")
    logs.close()
    os.close(writer)


def test_nothing_is_configured_by_importing() -> None:
    assert "seatrial.serve.watch.logs" in sys.modules
    assert not any(isinstance(handler, module.QueuedHandler) for handler in logging.getLogger().handlers)
