"""The service as a process: it starts, says where, answers, refuses a taken port and stops cleanly."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from seatrial.errors import ArtifactError, ServiceError
from seatrial.serve.latency import measure_latency, running_service
from seatrial.serve.server import listen, run
from seatrial.serve.settings import ServeSettings


def start(release: Path) -> tuple[subprocess.Popen[bytes], str]:
    child = subprocess.Popen(
        [sys.executable, "-m", "seatrial.serve", str(release), "--threads", "1"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdout is not None
    return child, child.stdout.readline().decode().strip()


def end(child: subprocess.Popen[bytes]) -> tuple[int, str]:
    _, said = child.communicate(timeout=30)
    return child.returncode, said.decode()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_service_quietly(toy_release: Path, number: signal.Signals) -> None:
    child, url = start(toy_release)
    try:
        answer = httpx.post(f"{url}/v1/predict", json={"inputs": ["good day", "bad"]}).json()
        assert [p["label"] for p in answer["predictions"]] == ["good", "bad"]
        child.send_signal(number)
        assert end(child) == (0, "")
    finally:
        child.kill()


def test_the_service_does_not_outlive_its_parent(toy_release: Path) -> None:
    child, url = start(toy_release)
    try:
        assert httpx.get(f"{url}/health/ready").status_code == 200
        assert child.stdin is not None
        child.stdin.close()  # what the system does when the parent is killed
        child.stdin = None
        assert end(child)[0] == 0
    finally:
        child.kill()


def test_a_taken_port_is_a_clear_error() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServiceError, match=rf"127\.0\.0\.1:{port}: address already in use") as refused:
            listen("127.0.0.1", port)
    assert (refused.value.where, "--port" in (refused.value.hint or "")) == ("serving.port", True)


@pytest.mark.parametrize("host", ["no.such.host.invalid", "300.1.1.1", "192.0.2.1"])
def test_a_foreign_address_is_not_blamed_on_the_port(host: str) -> None:
    with pytest.raises(ServiceError, match="cannot listen") as refused:
        listen(host, 0)
    assert (refused.value.where, "--host" in (refused.value.hint or "")) == ("serving.host", True)


@pytest.mark.parametrize("port", [-1, 65536, 99999])
def test_what_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(ServiceError, match=f"there is no port {port}"):
        listen("127.0.0.1", port)


def test_a_port_can_be_taken_again_at_once(toy_release: Path) -> None:
    with running_service(toy_release, threads=1) as url:
        port = int(url.rsplit(":", 1)[1])
        httpx.get(f"{url}/health/live")
    listen("127.0.0.1", port).close()


def test_an_altered_release_is_refused(toy_release: Path, tmp_path: Path) -> None:
    import shutil

    copy = shutil.copytree(toy_release, tmp_path / "copy")
    (copy / "onnx" / "model.onnx").write_bytes(b"something else")
    with pytest.raises(ArtifactError, match=r"model\.onnx"):
        run(copy, ServeSettings(port=0))


def test_latency_is_measured_and_nothing_is_left_behind(toy_release: Path) -> None:
    figures = measure_latency(toy_release, ["good day", "bad"], requests=30, threads=1)
    assert figures["requests"] == 30
    assert 0 < figures["p50_ms"] <= figures["p95_ms"] <= figures["p99_ms"]
    assert figures["p50_ms"] < 1000


def test_no_child_is_left_when_the_measurement_fails(toy_release: Path) -> None:
    with pytest.raises(ServiceError, match="answered 422"):
        measure_latency(toy_release, [""], requests=5, threads=1)
    urls = []
    with pytest.raises(ZeroDivisionError), running_service(toy_release, threads=1) as url:
        urls.append(url)
        raise ZeroDivisionError
    host, port = urls[0].removeprefix("http://").split(":")
    deadline = time.monotonic() + 5
    with pytest.raises(ConnectionRefusedError):
        while time.monotonic() < deadline:
            socket.create_connection((host, int(port))).close()


def test_a_service_that_cannot_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match=r"did not start: .*manifest"), running_service(tmp_path, threads=1):
        pass
