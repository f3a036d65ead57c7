from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from typer.testing import CliRunner

from seatrial.artifact.manifest import write_manifest
from seatrial.cli.app import app


class Answers(BaseHTTPRequestHandler):
    """200 to whoever sends the key, if there is one; every fifth request is refused when `refuses` is set."""

    protocol_version = "HTTP/1.1"
    key = ""
    interrupts = 0  # the request at which the terminal sends Ctrl-C
    refuses = False
    said = b'{"error": {"message": "there are too many", "hint": "come again"}}'
    bodies: ClassVar[list[bytes]] = []
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        if len(self.bodies) == self.interrupts:
            os.kill(os.getpid(), signal.SIGINT)
        status = 200 if self.headers.get("Authorization", "") == self.key else 401
        if self.refuses and len(self.bodies) % 5 == 0:
            status = 503
        body = self.said if status >= 300 else b"{}"
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def answers() -> type[Answers]:
    return type("OwnAnswers", (Answers,), {"bodies": []})


@pytest.fixture
def url(answers: type[Answers]) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), answers) as server:
        server.daemon_threads = True
        server.block_on_close = False
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def release(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A release with a contract; the toy stands for its service."""

    @contextmanager
    def running(folder: Path) -> Iterator[str]:
        assert folder == tmp_path
        yield url

    monkeypatch.setattr("seatrial.serve.process.latency.running_service", running)
    lines = [{"metric": "accuracy", "at_least": 0.8}, {"metric": "p95_ms", "at_most": 400}]
    write_manifest(tmp_path, kind="release", spec={"requirements": lines})
    return tmp_path


def bench(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["bench", "serve", *words])
    return result.exit_code, result.stdout, result.stderr


def test_it_tells_latency_throughput_and_refusals(url: str, answers: type[Answers]) -> None:
    answers.refuses = True
    code, told, _ = bench(url, "--rate", "100", "--duration", "0.5", "--arrivals", "constant")
    assert code == 0
    assert "50 of 50 due requests" in told
    assert "40 with 2xx" in told
    assert "p95" in told
    assert "10 × 503, 10 without Retry-After" in told
    assert "503: there are too many; come again" in told
    assert "highest rate" not in told


def test_json_is_one_object(url: str) -> None:
    code, told, _ = bench(url, "--rate", "50", "--duration", "0.4", "--batch", "2", "--seed", "3", "--json")
    assert code == 0
    shown = json.loads(told)
    assert shown["seed"] == 3
    assert shown["load"]["good"] == shown["load"]["due"] > 0
    assert shown["load"]["batch"] == 2
    assert shown["knee"] is None


def test_a_rate_and_clients_are_not_both_meant(url: str, answers: type[Answers]) -> None:
    code, _, told = bench(url, "--rate", "5", "--clients", "3")
    assert code == 1
    assert "--rate, --clients" in told
    assert answers.bodies == []


@pytest.mark.parametrize("target", ["127.0.0.1:8300", "localhost:8300/v1/predict", "localhost"])
def test_an_address_without_a_scheme_is_told_what_to_write(target: str) -> None:
    code, _, told = bench(target)
    assert code == 1
    assert f"write http://{target}" in told


def test_a_release_is_started_and_its_contract_gives_the_p95(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seatrial.load.knee.probe_seconds", lambda rate: 0.2)
    monkeypatch.setattr("seatrial.load.find_knee", _quick_search)
    code, told, _ = bench(str(release), "--rate", "50", "--duration", "0.3", "--json")
    assert code == 0
    shown = json.loads(told)
    assert shown["p95_bound_ms"] == 400
    assert shown["target"] == str(release)
    assert shown["knee"]["p95_ms"] == 400
    assert shown["knee"]["rate"] == 100
    assert len(shown["knee"]["probes"]) >= 3


async def _quick_search(measure, **settings):  # type: ignore[no-untyped-def]
    """The real search with a low limit: what is tested is that the command asks for it."""
    from seatrial.load.knee import find_knee

    return await find_knee(measure, **{**settings, "p95_ms": settings["p95_ms"], "max_rate": 100.0})


def test_the_search_can_be_left_out(release: Path) -> None:
    code, told, _ = bench(str(release), "--rate", "50", "--duration", "0.3", "--no-find-knee")
    assert code == 0
    assert "highest rate" not in told


def test_a_search_needs_a_p95(url: str) -> None:
    code, _, told = bench(url, "--find-knee")
    assert code == 1
    assert "--p95-ms" in told


def test_texts_come_from_a_file(url: str, answers: type[Answers], tmp_path: Path) -> None:
    (tmp_path / "texts.csv").write_text("id;text\n1;first\n2;second\n", encoding="utf-8")
    code, told, _ = bench(url, "--texts", str(tmp_path / "texts.csv"), "--clients", "1", "--duration", "0.1")
    assert code == 0
    assert {json.loads(body)["inputs"] for body in answers.bodies} == {"first", "second"}
    assert "column 'text' of texts.csv, delimiter ';'" in told


def test_a_key_is_sent_and_not_shown(url: str, answers: type[Answers]) -> None:
    answers.key = "Bearer st_one_secret"
    words = (url, "--rate", "50", "--duration", "0.2", "--arrivals", "constant")
    code, told, noted = bench(*words)
    assert (code, told) == (1, "")
    assert "refuses with 401: there are too many; come again" in noted
    assert "SEATRIAL_API_KEY" in noted
    assert len(answers.bodies) == 1, "one request is enough to see that"
    code, told, noted = bench(*words, "--api-key", "st_one_secret")
    assert code == 0
    assert "secret" not in told + noted


def test_another_machine_is_not_loaded_by_accident() -> None:
    code, _, told = bench("http://192.0.2.1:8000", "--duration", "0.1")
    assert code == 1
    assert "not on this machine" in told
    assert "--allow-remote" in told


def test_no_release_is_one_message(tmp_path: Path) -> None:
    code, told, _ = bench(str(tmp_path), "--json")
    assert code == 1
    assert json.loads(told)["message"] == "there is no release"


def test_ctrl_c_shows_what_was_measured(url: str, answers: type[Answers]) -> None:
    answers.interrupts = 30
    code, told, _ = bench(url, "--rate", "100", "--duration", "60", "--json")
    assert code == 130
    shown = json.loads(told)
    assert shown["load"]["stopped"]
    assert 0 < shown["load"]["good"] < 5000
