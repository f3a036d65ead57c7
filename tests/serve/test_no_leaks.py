"""A real service, asked oddly over HTTP and gRPC: nothing that a client sends comes out in its log or its metrics."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grpc
import httpx
import pytest

from seatrial.serve.access import Scope
from seatrial.serve.keys import KeyStore

from ..ports import free_port
from .watch.test_logs import CANARY

HOST = b"Host: localhost\r\n"
PREDICT = b"POST /v1/predict HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
RAW = {
    "no HTTP": f"{CANARY}\r\n\r\n".encode(),
    "a method": f"{CANARY.upper()} / HTTP/1.1\r\nHost: localhost\r\n\r\n".encode(),
    "a version": f"GET / HTTP/{CANARY}\r\nHost: localhost\r\n\r\n".encode(),
    "a path": f"GET /%0a%0d{CANARY}?{CANARY}#{CANARY} HTTP/1.1\r\nHost: {CANARY}\r\n\r\n".encode(),
    "a path in bytes": f"GET /\x85\xe2{CANARY} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode("latin-1"),
    "a header's name": b"GET / HTTP/1.1\r\n" + HOST + f"{CANARY}: {CANARY}\r\n\r\n".encode(),
    "a header without end": b"GET / HTTP/1.1\r\n" + HOST + f"a: {CANARY * 5000}\r\n".encode(),
    "a length": PREDICT + f"Content-Length: {CANARY}\r\n\r\n".encode(),
    "a coding": PREDICT + f"Transfer-Encoding: {CANARY}\r\n\r\n".encode(),
    "a chunk": PREDICT + b"Transfer-Encoding: chunked\r\n\r\n" + f"{CANARY}\r\n".encode(),
    "gzip that is none": PREDICT + b"Content-Encoding: gzip\r\nContent-Length: 11\r\n\r\n" + CANARY[:11].encode(),
    "a body that ends early": PREDICT + b"Content-Length: 500\r\n\r\n" + f'{{"inputs": "{CANARY}'.encode(),
    "an upgrade": f"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: {CANARY}\r\nConnection: upgrade\r\n\r\n".encode(),
}


class Service:
    """A service as a process, its log in a file."""

    def __init__(self, release: Path, folder: Path) -> None:
        self.log = folder / "log"
        self.key_id, self.key = self._make_key(folder / "keys.json")
        self.grpc_port = free_port()
        settings = {"keys_file": str(folder / "keys.json"), "grpc_port": self.grpc_port, "cache_mb": 1.0}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "seatrial.serve", str(release), "--settings", json.dumps(settings)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().decode().strip()
        assert self.url, self.log.read_text()

    def _make_key(self, file: Path) -> tuple[str, str]:
        key, secret = KeyStore(file, create=True).add("tests", [Scope.PREDICT, Scope.METRICS])
        return key.id, secret

    def send(self, data: bytes) -> None:
        address = urlsplit(self.url)
        with socket.create_connection((address.hostname, address.port), timeout=60) as connection, suppress(OSError):
            connection.sendall(data)
            connection.settimeout(0.3)
            while connection.recv(65536):
                pass

    def metrics(self) -> str:
        return httpx.get(f"{self.url}/metrics", headers={"X-API-Key": self.key}).text

    def stop(self) -> str:
        """End it; its log."""
        if self.process.returncode is None:
            self.process.terminate()
            self.process.communicate(timeout=120)
        return self.log.read_text(encoding="ascii")


@pytest.fixture
def service(toy_release: Path, tmp_path: Path) -> Iterator[Service]:
    service = Service(toy_release, tmp_path)
    yield service
    service.stop()


def ask_over_grpc(service: Service) -> None:
    """Bytes that are no message, an unknown method, odd metadata."""
    with grpc.insecure_channel(f"127.0.0.1:{service.grpc_port}") as channel:
        for method, key in (("ModelInfer", service.key), ("ModelInfer", CANARY), (CANARY, service.key)):
            call = channel.unary_unary(f"/inference.GRPCInferenceService/{method}")
            metadata: Any = (
                ("authorization", f"Bearer {key}"),
                ("x-request-id", f"{CANARY} "),
                (CANARY, CANARY),
                ("traceparent", CANARY),
            )
            with pytest.raises(grpc.RpcError):
                call(f"\n\x05{CANARY}".encode(), metadata=metadata, timeout=60)


def test_a_canary_comes_out_nowhere(service: Service) -> None:
    headers = {
        "Authorization": f"Bearer {service.key}",
        "X-Canary": CANARY,
        "X-Request-Id": f"{CANARY}!",
        "Cookie": CANARY,
    }
    body = {"inputs": [f"good {CANARY}", CANARY, f'{CANARY}\n{{"level":"ERROR"}}\x1b[2J']}
    assert httpx.post(f"{service.url}/v1/predict", json=body, headers=headers).status_code == 200
    wrong = {"Authorization": f"Bearer {CANARY}"}
    assert httpx.post(f"{service.url}/v1/predict", json=body, headers=wrong).status_code == 401
    for data in RAW.values():
        service.send(data)
    ask_over_grpc(service)
    time.sleep(0.2)
    metrics = service.metrics()
    log = service.stop()
    lines = [json.loads(line) for line in log.splitlines()]
    answered = [line for line in lines if line.get("status") == 200 and line["route"] == "/v1/predict"]
    assert [(line["tenant"], line["texts"]) for line in answered] == [(service.key_id, 3)]
    assert {line["method"] for line in lines if "method" in line} >= {"GET", "POST", "gRPC"}
    assert {line.get("refusal") for line in lines} >= {"unauthenticated", "malformed"}
    assert [line for line in lines if line["level"] == "ERROR"] == []
    for name, text in {"log": log, "metrics": metrics}.items():
        assert CANARY not in text.lower(), name
        assert service.key not in text, name
    assert service.key_id not in metrics
