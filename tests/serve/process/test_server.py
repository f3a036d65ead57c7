"""The service as a process: it starts, says where, answers, refuses a taken port and stops cleanly."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from seatrial.artifact.manifest import write_manifest
from seatrial.errors import ArtifactError, ServiceError
from seatrial.serve.access import Scope
from seatrial.serve.keys import KeyStore
from seatrial.serve.process.latency import measure_latency, running_service
from seatrial.serve.process.listening import listen
from seatrial.serve.process.server import run
from seatrial.serve.settings import ServeSettings

from ...ports import free_port
from ...timeliness import in_time


def start(release: Path, **settings: object) -> tuple[subprocess.Popen[bytes], str]:
    child = subprocess.Popen(
        [sys.executable, "-m", "seatrial.serve", str(release), "--threads", "1", "--settings", json.dumps(settings)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdout is not None
    return child, child.stdout.readline().decode().strip()


def end(child: subprocess.Popen[bytes]) -> tuple[int, str]:
    _, said = child.communicate(timeout=120)
    return child.returncode, said.decode()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_service_quietly(toy_release: Path, number: signal.Signals) -> None:
    child, url = start(toy_release)
    try:
        answer = httpx.post(f"{url}/v1/predict", json={"inputs": ["good day", "bad"]}).json()
        assert [p["label"] for p in answer["predictions"]] == ["good", "bad"]
        child.send_signal(number)
        code, said = end(child)
        assert code == 0
        lines = [json.loads(line) for line in said.splitlines()]
        assert [line["message"] for line in lines] == ["request", "drained"]
        assert lines[-1]["unanswered"] == 0
    finally:
        child.kill()


def test_over_grpc_too_a_stopping_service_takes_calls_for_a_while(toy_release: Path) -> None:
    """Its load balancer has not learned of it yet."""
    import grpc

    port = free_port()
    child, url = start(toy_release, grpc_port=port, settle_s=3.0)
    try:
        assert url
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            ready = channel.unary_unary("/inference.GRPCInferenceService/ServerReady")
            assert ready(b"", timeout=60) == b"\x08\x01"
            child.send_signal(signal.SIGTERM)
            until = time.monotonic() + 60
            while ready(b"", timeout=60) != b"":
                assert time.monotonic() < until
        stopping = time.monotonic()
        while time.monotonic() < stopping + 0.7:
            with grpc.insecure_channel(f"127.0.0.1:{port}", [("grpc.use_local_subchannel_pool", 1)]) as channel:
                channel.unary_unary("/inference.GRPCInferenceService/ServerMetadata")(b"", timeout=60)
            time.sleep(0.05)
        assert end(child)[0] == 0
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


def test_a_hangup_looks_for_a_new_release(toy_release: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(toy_release, tmp_path / "copy")
    child, url = start(copy)
    try:
        before = httpx.get(f"{url}/v1/model").json()["version"]
        (copy / "README.md").write_text("# Another\n", encoding="utf-8")
        write_manifest(copy, kind="release")
        child.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 60
        while httpx.get(f"{url}/v1/model").json()["version"] == before:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        child.send_signal(signal.SIGTERM)
        assert end(child)[0] == 0
    finally:
        child.kill()


def test_another_address_needs_keys(toy_release: Path) -> None:
    with pytest.raises(ServiceError, match="has no keys"):
        run([toy_release], ServeSettings(host="0.0.0.0", port=0))


def test_a_key_of_an_administrator_reloads(toy_release: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(toy_release, tmp_path / "copy")
    keys = KeyStore(tmp_path / "keys.json", create=True)
    predict, admin = (keys.add(name, [Scope(name)])[1] for name in ("predict", "admin"))
    with running_service(copy, threads=1, settings={"keys_file": str(tmp_path / "keys.json")}) as url:

        def reload(key: str | None) -> httpx.Response:
            headers = {} if key is None else {"Authorization": f"Bearer {key}"}
            return httpx.post(f"{url}/v1/admin/reload", headers=headers)

        assert [reload(key).status_code for key in (None, predict, admin)] == [401, 403, 200]
        assert httpx.post(f"{url}/v1/predict", json={"inputs": "good"}).status_code == 401
        (copy / "README.md").write_text("# Another\n", encoding="utf-8")
        refused = reload(admin)
        assert (refused.status_code, refused.json()["models"][0]["outcome"]) == (409, "refused")
        assert refused.json()["models"][0]["message"] == "README.md was altered"
        write_manifest(copy, kind="release")
        done = reload(admin)
        assert (done.status_code, done.json()["models"][0]["outcome"]) == (200, "swapped")


def test_a_port_can_be_taken_again_at_once(toy_release: Path) -> None:
    with running_service(toy_release, threads=1) as url:
        port = int(url.rsplit(":", 1)[1])
        httpx.get(f"{url}/health/live")
    listen("127.0.0.1", port).close()


def test_the_same_release_twice_is_refused(toy_release: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(toy_release, tmp_path / "copy")
    for twins in ([toy_release, toy_release], [toy_release, copy]):
        with pytest.raises(ServiceError, match=r"version \w{12} of toy is served already"):
            run(twins, ServeSettings(port=0, threads=1))


def test_an_altered_release_is_refused(toy_release: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(toy_release, tmp_path / "copy")
    (copy / "onnx" / "model.onnx").write_bytes(b"something else")
    with pytest.raises(ArtifactError, match=r"model\.onnx"):
        run([copy], ServeSettings(port=0))


@pytest.mark.timed
def test_latency_is_measured_and_nothing_is_left_behind(toy_release: Path) -> None:
    figures = measure_latency(toy_release, ["good day", "bad"], requests=30, threads=1)
    assert figures["requests"] == 30
    assert 0 < figures["p50_ms"] <= figures["p95_ms"] <= figures["p99_ms"]
    in_time(figures["p50_ms"], 1000, "median latency in ms")


def test_no_child_is_left_when_the_measurement_fails(toy_release: Path) -> None:
    with pytest.raises(ServiceError, match="answered 422"):
        measure_latency(toy_release, [""], requests=5, threads=1)
    urls = []
    with pytest.raises(ZeroDivisionError), running_service(toy_release, threads=1) as url:
        urls.append(url)
        raise ZeroDivisionError
    host, port = urls[0].removeprefix("http://").split(":")
    deadline = time.monotonic() + 60
    with pytest.raises(ConnectionRefusedError):
        while time.monotonic() < deadline:
            socket.create_connection((host, int(port))).close()


def test_a_service_that_cannot_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match=r"did not start: .*manifest"), running_service(tmp_path, threads=1):
        pass
