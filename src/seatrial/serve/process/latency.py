"""Measures a release as a client feels it: the real service in a process of its own, one request after another.

Refuses to know: what the answers say. What a figure means for the contract is `pipeline`'s business.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from seatrial.errors import ServiceError

__all__ = ["START_TIMEOUT_S", "Running", "measure_latency", "running_child", "running_service"]

WARM_UP = 20
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 15.0


def measure_latency(
    release_folder: Path, texts: Sequence[str], *, requests: int, threads: int | None
) -> dict[str, float]:
    """Latency of single requests through the running service, from one client over one connection.

    Args:
        release_folder: the release to serve.
        texts: real texts, sent in turn, one per request; not empty.
        requests: measured requests, at least 1; some more go before them to warm up.
        threads: threads of one model run; None leaves it to the engine.

    Returns:
        `p50_ms`, `p95_ms`, `p99_ms`, `mean_ms` and `requests`, from the first byte sent to the last byte read.

    Raises:
        ServiceError: the service did not start, or refused a request.
    """
    bodies = [json.dumps({"inputs": text}).encode() for text in texts]
    with running_service(release_folder, threads=threads) as url:
        host = urlsplit(url)
        connection = HTTPConnection(host.hostname or "", host.port, timeout=START_TIMEOUT_S)
        try:
            for index in range(WARM_UP):
                _timed_ms(connection, bodies[index % len(bodies)])
            times_ms = [_timed_ms(connection, bodies[index % len(bodies)]) for index in range(requests)]
        except (OSError, HTTPException) as error:
            raise ServiceError(f"the service stopped answering: {error or type(error).__name__}") from error
        finally:
            connection.close()
    p50, p95, p99 = np.percentile(times_ms, [50, 95, 99])
    return {
        "p50_ms": float(p50),
        "p95_ms": float(p95),
        "p99_ms": float(p99),
        "mean_ms": float(np.mean(times_ms)),
        "requests": requests,
    }


def _timed_ms(connection: HTTPConnection, body: bytes) -> float:
    started = time.perf_counter()
    connection.request("POST", "/v1/predict", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    answer = response.read()
    elapsed_ms = (time.perf_counter() - started) * 1e3
    if response.status != 200:
        raise ServiceError(f"the service answered {response.status}: {answer[:200].decode(errors='replace')}")
    return elapsed_ms


@contextmanager
def running_service(
    release_folder: Path, *, threads: int | None = None, settings: Mapping[str, Any] | None = None
) -> Iterator[str]:
    """The service of a release as a child process on a free port; gives its URL, and never leaves the child behind.

    Args:
        release_folder: the release to serve.
        threads: threads of one model run; None leaves it to the engine.
        settings: fields of `ServeSettings` that shall differ, as plain JSON; never host, port and threads.

    Raises:
        ServiceError: it did not start; the message ends with what it said.
    """
    with running_child(release_folder, threads=threads, settings=settings) as running:
        yield running.url


@dataclass(frozen=True, slots=True)
class Running:
    """A service in a process of its own: its address, and the process."""

    url: str
    pid: int

    @property
    def peak_memory_mb(self) -> float:
        """The most memory that it has held so far, in 10⁶ bytes; NaN where the system does not say."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        except OSError:
            return math.nan
        held = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")), "nan")
        return float(held) * 1024 / 1e6


@contextmanager
def running_child(
    release_folder: Path, *, threads: int | None = None, settings: Mapping[str, Any] | None = None
) -> Iterator[Running]:
    """The same, with its process; see `running_service`."""
    command = [sys.executable, "-m", "seatrial.serve", str(release_folder)]
    if threads is not None:
        command += ["--threads", str(threads)]
    if settings:
        command += ["--settings", json.dumps(dict(settings))]
    # stdin stays open as long as this process lives: should it be killed, the child sees the end and stops by itself
    with (
        tempfile.TemporaryFile() as log,  # a pipe that nobody empties would stop a talkative child
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log) as child,
    ):
        too_late = threading.Timer(START_TIMEOUT_S, child.kill)
        too_late.start()
        try:
            assert child.stdout is not None
            url = child.stdout.readline().decode().strip()
            too_late.cancel()
            if not url:
                child.wait(STOP_TIMEOUT_S)
                log.seek(0)
                said = log.read().decode(errors="replace").strip()
                raise ServiceError(f"the service did not start: {said[-1000:] or 'it said nothing'}")
            yield Running(url, child.pid)
        finally:
            too_late.cancel()
            child.terminate()
            try:
                child.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                child.kill()
