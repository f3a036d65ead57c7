"""The supervisor with real processes: one that dies is replaced, none is left, and nobody who is connected is lost."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from seatrial.artifact.manifest import write_manifest
from seatrial.errors import ServiceError
from seatrial.serve.process import supervisor
from seatrial.serve.process.listening import listen
from seatrial.serve.process.orders import Addresses, Order
from seatrial.serve.process.supervisor import LONGEST_PAUSE_S, backoff_s, supervise
from seatrial.serve.process.worker import Worker
from seatrial.serve.settings import ServeSettings

from ...timeliness import in_time

BACK_S = 2.0
GIVE_UP_S = 60.0
SCRIPT = Path(sys.executable).with_name("seatrial")


@dataclass
class Supervised:
    """`seatrial serve --json` and what it said."""

    process: subprocess.Popen[bytes]
    said: dict[str, Any]

    @property
    def url(self) -> str:
        url: str = self.said["url"]
        return url

    def ask(self, timeout_s: float = 60.0) -> httpx.Response:
        return httpx.post(f"{self.url}/v1/predict", json={"inputs": "good day"}, timeout=timeout_s)

    def children(self) -> dict[str, int]:
        """The processes below this one, by name."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*/stat"):
            try:
                before, _, after = entry.read_text().rpartition(")")
            except OSError:
                continue
            if int(after.split()[1]) == self.process.pid and after.split()[0] != "Z":
                found[before.partition("(")[2]] = int(entry.parent.name)
        return found

    def serving(self) -> int:
        return self.children()["seatrial-serve"]


def until(condition: Callable[[], object], within_s: float = 60.0) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def start(*arguments: str, log_level: str = "WARNING") -> subprocess.Popen[bytes]:
    command = [str(SCRIPT), "serve", *arguments, "--port", "0", "--threads", "1", "--json"]
    return subprocess.Popen(
        [*command, "--set", f"serving.log_level={log_level}"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


@contextmanager
def supervised(*arguments: str) -> Iterator[Supervised]:
    process = start(*arguments)
    children: dict[str, int] = {}
    try:
        assert process.stdout is not None
        service = Supervised(process, json.loads(process.stdout.readline()))
        yield service
        children = service.children()
    finally:
        process.terminate()
        process.communicate(timeout=120)
        process.kill()
        until(lambda: not any(map(alive, children.values())))


@pytest.mark.timed
def test_a_process_that_is_killed_is_replaced_at_once(toy_release: Path) -> None:
    with supervised(str(toy_release)) as service:
        assert service.ask().status_code == 200
        assert service.said["pid"] == service.process.pid != service.serving()
        assert service.said["models"] == ["toy"]
        took_s = []
        for _ in range(3):
            until(lambda: "seatrial-spare" in service.children())
            killed, began = service.serving(), time.monotonic()
            os.kill(killed, signal.SIGKILL)
            with socket.create_connection(("127.0.0.1", int(service.url.rpartition(":")[2]))):
                pass  # the door is never shut
            while True:
                try:
                    assert service.ask().status_code == 200
                    break
                except httpx.TransportError:  # it had this connection when it was killed
                    assert time.monotonic() - began < GIVE_UP_S
            took_s.append(time.monotonic() - began)
            assert service.serving() != killed
    in_time(max(took_s), BACK_S, "seconds from the kill to an answer")


def test_stopping_answers_what_is_there_and_leaves_nothing(toy_release: Path) -> None:
    with supervised(str(toy_release)) as service:
        until(lambda: "seatrial-spare" in service.children())
        children = service.children()
        port = int(service.url.rpartition(":")[2])
        waiting = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
        body = b'{"inputs": "good"}'
        head = b"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        sent = head + b"Content-Length: %d\r\n\r\n" % len(body) + body
        for client in waiting[:10]:
            client.sendall(sent)
        service.process.send_signal(signal.SIGTERM)
        for client in waiting[10:]:
            client.sendall(sent)
        for client in waiting:
            client.settimeout(60)
            assert client.recv(65536).startswith(b"HTTP/1.1 200 ")
            client.close()
        assert service.process.wait(60) == 0
        assert not any(map(alive, children.values()))
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port)).close()


def test_a_supervisor_that_is_killed_takes_its_processes_with_it(toy_release: Path) -> None:
    with supervised(str(toy_release)) as service:
        until(lambda: "seatrial-spare" in service.children())
        children = service.children()
        service.process.kill()
        until(lambda: not any(map(alive, children.values())))


def test_a_hangup_looks_for_a_new_release(toy_release: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(toy_release, tmp_path / "copy")
    with supervised(str(copy)) as service:
        before, pid = service.ask().json()["version"], service.serving()
        (copy / "README.md").write_text("# Another\n", encoding="utf-8")
        write_manifest(copy, kind="release")
        service.process.send_signal(signal.SIGHUP)
        until(lambda: service.ask().json()["version"] != before)
        assert service.serving() == pid


def test_the_life_of_the_service_is_in_the_log_as_json(toy_release: Path) -> None:
    process = start(str(toy_release), log_level="INFO")
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        said = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGHUP)
        lines = []
        while not lines or "is unchanged" not in lines[-1]["message"]:
            lines.append(json.loads(process.stderr.readline()))
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=120)
    finally:
        process.kill()
    lines += map(json.loads, rest.splitlines())
    messages = [line["message"] for line in lines]
    assert messages[:2] == ["serving", "looking for new releases"]
    assert messages[2].startswith("toy ")
    assert messages[3:] == ["stopping", "drained", "stopped"]
    assert (lines[0]["url"], lines[0]["models"], lines[0]["pid"]) == (said["url"], ["toy"], process.pid)
    assert "keys" in lines[0]
    assert (lines[1]["signal"], lines[3]["signal"]) == ("SIGHUP", "SIGTERM")


def test_a_release_that_cannot_be_served_is_said_once_and_that_is_all(toy_release: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(toy_release, tmp_path / "copy")
    (copy / "onnx" / "model.onnx").write_bytes(b"something else")
    process = start(str(copy))
    said, log = process.communicate(timeout=120)
    assert process.returncode == 1
    assert json.loads(said)["message"] == "onnx/model.onnx was altered"
    assert b"Traceback" not in log


def test_a_service_that_keeps_dying_gives_up(
    toy_release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("seatrial.serve.process.supervisor.MOST_FAILURES", 3)
    copy = shutil.copytree(toy_release, tmp_path / "copy")
    started: list[int] = []

    def started_once(addresses: Addresses) -> None:
        started.append(addresses.pid)
        shutil.rmtree(copy)
        os.kill(addresses.pid, signal.SIGKILL)

    with pytest.raises(ServiceError, match=r"failed 3 times in a row at its start: there is no manifest\.json"):
        supervise([copy], ServeSettings(port=0, threads=1, log_level="WARNING"), started=started_once)
    assert not any(map(alive, started))
    assert caplog.text.count("another one takes its place") == 2
    assert "killed by SIGKILL" in caplog.text


ACTS = """#!/bin/sh
read order
read word || exit 0
echo started >> "$0.starts"
case $(wc -l < "$0.starts") in {hangs}) exec sleep 20;; esac
echo '{{"addresses": {{"url": "http://127.0.0.1:1", "grpc_port": null, "pid": '$$', "models": []}}}}'
exec cat > "$0.stopped"
"""


@pytest.fixture
def acts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Makes every serving process one that only acts the part, and hangs at the starts with these numbers."""

    def make(hangs: str = "never") -> Path:
        script = tmp_path / "process"
        script.with_suffix(".starts").unlink(missing_ok=True)
        script.write_text(ACTS.format(hangs=hangs), encoding="ascii")
        script.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(script))
        return tmp_path / "process.stopped"  # written by one whose orders end

    return make


def no_room(monkeypatch: pytest.MonkeyPatch, refused: set[int], then: Callable[[], None] = lambda: None) -> list[int]:
    """Let the machine refuse these attempts (from 1) to start a process; `then` is called after the first good one."""
    attempts: list[int] = []

    def attempt(listener: socket.socket, order: Order) -> Worker:
        attempts.append(len(attempts) + 1)
        if attempts[-1] in refused:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        worker = Worker(listener, order)
        if any(number in refused for number in attempts):
            then()
        return worker

    monkeypatch.setattr("seatrial.serve.process.supervisor.Worker", attempt)
    return attempts


def stop(_: object = None) -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def test_a_spare_that_the_machine_has_no_room_for_is_tried_again_and_harms_nobody(
    acts: Callable[[], Path], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stopped = acts()
    monkeypatch.setattr("seatrial.serve.process.supervisor.SPARE_PAUSE_S", 0.05)
    attempts = no_room(monkeypatch, {2, 3}, then=stop)
    supervise([], ServeSettings(port=0))
    assert attempts == [1, 2, 3, 4]
    assert caplog.text.count("no spare process can be started") == 2
    assert stopped.exists(), "the healthy process was killed"


def test_a_start_that_the_machine_has_no_room_for_is_tried_again(
    acts: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = acts()
    attempts = no_room(monkeypatch, {1, 2})
    supervise([], ServeSettings(port=0), started=stop)
    assert attempts[:3] == [1, 2, 3]
    assert stopped.exists()


def test_a_machine_that_never_has_room_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seatrial.serve.process.supervisor.MOST_FAILURES", 3)
    attempts = no_room(monkeypatch, set(range(10)))
    with pytest.raises(ServiceError, match="failed 3 times in a row at its start: no process can be started"):
        supervise([], ServeSettings(port=0))
    assert attempts == [1, 2, 3]


@pytest.mark.timed
def test_a_first_start_that_hangs_is_an_error(acts: Callable[[str], Path]) -> None:
    acts("1")
    began = time.monotonic()
    with pytest.raises(ServiceError, match=r"did not answer within 0\.2 s of its start"):
        supervise([], ServeSettings(port=0, start_timeout_s=0.2))
    in_time(time.monotonic() - began, 10, "seconds until a start that hangs is given up")


def test_a_later_start_that_hangs_is_replaced(
    acts: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stopped = acts("2")
    alone = supervisor.Supervisor._answers

    def answers(self: supervisor.Supervisor, addresses: Addresses) -> None:
        alone(self, addresses)
        if "answers again" in caplog.text:
            stop()

    monkeypatch.setattr(supervisor.Supervisor, "_answers", answers)
    supervise(
        [], ServeSettings(port=0, start_timeout_s=3.0), started=lambda answering: os.kill(answering.pid, signal.SIGKILL)
    )
    assert "did not answer within 3 s of its start" in caplog.text
    assert (stopped.parent / "process.starts").read_text().count("started") == 3
    assert stopped.exists()


def test_an_address_for_others_needs_keys(toy_release: Path) -> None:
    with pytest.raises(ServiceError, match="has no keys"):
        supervise([toy_release], ServeSettings(host="0.0.0.0", port=0))


def test_pauses_grow_up_to_a_limit() -> None:
    pauses = [backoff_s(failures) for failures in range(20)]
    assert pauses[:3] == [0, 0, 0]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE_S


def test_a_port_for_grpc_that_is_taken_is_said_without_a_traceback(toy_release: Path) -> None:
    pytest.importorskip("grpc")
    with listen("127.0.0.1", 0) as taken:
        process = start(str(toy_release), "--grpc-port", str(taken.getsockname()[1]))
        said, log = process.communicate(timeout=120)
    assert process.returncode == 1
    assert json.loads(said)["where"] == "serving.grpc_port"
    assert b"Traceback" not in log
