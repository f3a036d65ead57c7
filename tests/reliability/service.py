"""The real service as a child process: `seatrial serve` on loopback, what its processes use, and none left behind.

Everything is looked up from outside, in /proc and over HTTP. Refuses to know: what a test does to it.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from prometheus_client.parser import text_string_to_metric_families

__all__ = ["Service", "running"]

START_TIMEOUT_S = 180.0
STOP_TIMEOUT_S = 60.0
LEFT_WITHIN_S = 2.0
"""What its parent has ended is gone by then."""
SCRIPT = Path(sys.executable).with_name("seatrial")
# The kernel ends the service should the test be killed: 1 is PR_SET_PDEATHSIG, 15 SIGTERM.
TIED = "import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 15); os.execv(sys.argv[1], sys.argv[1:])"


@dataclass(frozen=True)
class Service:
    """A running service.

    Attributes:
        url: where it answers.
        child: the process that was started, leader of the session that all of its processes belong to.
        log: what the service wrote to stderr.
        api_key: sent by this class's own requests, or None.
    """

    url: str
    child: subprocess.Popen[bytes]
    log: IO[bytes]
    api_key: str | None = None

    @property
    def parent(self) -> int:
        """Id of the process that was started."""
        return self.child.pid

    @property
    def port(self) -> int:
        """Where it listens."""
        port = urlsplit(self.url).port
        assert port is not None
        return port

    @property
    def pids(self) -> list[int]:
        """Every process of the service that lives, whoever its parent is by now."""
        return _session(self.parent)

    @property
    def zombies(self) -> int:
        """Processes that have ended, and whose end nobody has taken note of."""
        return _states(self.parent).count("Z")

    @property
    def serving_pid(self) -> int:
        """The process that holds the model, and so the most memory."""
        return max(self.pids, key=_resident_bytes)

    @property
    def resident_mb(self) -> float:
        """Resident memory (VmRSS) of the process that serves, in 10⁶ bytes."""
        return max(map(_resident_bytes, self.pids)) / 1e6

    @property
    def open_files(self) -> int:
        """File descriptors of the process that serves, sockets among them."""
        return len(list(Path(f"/proc/{self.serving_pid}/fd").iterdir()))

    def end(self, number: int = signal.SIGTERM, *, group: bool = False) -> None:
        """Send a signal to the process that was started, or to its group, as Ctrl-C does."""
        (os.killpg if group else os.kill)(self.parent, number)

    def said(self, most: int = 4000) -> str:
        """The end of what it wrote to stderr."""
        return _read(self.log)[-most:].decode(errors="replace")

    def times_said(self, words: str) -> int:
        """How often it has written these words to stderr."""
        return _read(self.log).count(words.encode())

    def ask(self, method: str, path: str, body: object = None, *, timeout_s: float = 60.0) -> tuple[int, bytes]:
        """One request over a connection of its own: status and body of the answer."""
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=timeout_s)
        headers = {"Content-Type": "application/json"}
        if self.api_key:
            headers["Authorization"] = f"Bearer {self.api_key}"
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def metrics(self) -> dict[str, list[tuple[Mapping[str, str], float]]]:
        """Every sample of /metrics: name → labels and value."""
        status, text = self.ask("GET", "/metrics")
        assert status == 200, f"/metrics answered {status}"
        found: dict[str, list[tuple[Mapping[str, str], float]]] = {}
        for family in text_string_to_metric_families(text.decode()):
            for sample in family.samples:
                found.setdefault(sample.name, []).append((sample.labels, sample.value))
        return found

    def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric's samples that have these labels; 0 if there are none yet."""
        samples = self.metrics().get(name, [])
        return sum(value for known, value in samples if labels.items() <= known.items())


@contextmanager
def running(
    *releases: Path,
    settings: Mapping[str, Any] | None = None,
    keys: Path | None = None,
    api_key: str | None = None,
    watch_s: float = 0,
    ends: int | None = None,
) -> Iterator[Service]:
    """`seatrial serve` on a free port of loopback, as long as the context lasts.

    Args:
        releases: folders to serve.
        settings: of the section `serving`, given with `--set`.
        keys: the file of API keys.
        api_key: for the requests of `Service` itself.
        watch_s: how often it looks for a new release.
        ends: the exit code of a service that the test itself ends; None when the end of the context ends it.

    Raises:
        AssertionError: it did not start, did not stop when it was told to, or left a process behind.
    """
    command = [str(SCRIPT), "serve", *map(str, releases), "--port", "0", "--json"]
    for name, value in (settings or {}).items():
        command += ["--set", f"serving.{name}={json.dumps(value)}"]
    if keys is not None:
        command += ["--keys", str(keys)]
    if watch_s:
        command += ["--watch", str(watch_s)]
    with (
        tempfile.TemporaryFile() as log,  # a pipe that nobody empties would stop a talkative service
        subprocess.Popen(
            [sys.executable, "-c", TIED, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        ) as child,
    ):
        try:
            yield Service(_url(child, log), child, log, api_key)
            assert child.poll() == ends, f"the service ended by itself, or did not end: {child.returncode}"
        finally:
            left = _end(child)
        assert not left, f"{left} of the service's processes were left behind"
        assert child.returncode == (ends or 0), f"the service ended with {child.returncode}"


def _url(child: subprocess.Popen[bytes], log: IO[bytes]) -> str:
    too_late = threading.Timer(START_TIMEOUT_S, child.kill)
    too_late.start()
    try:
        assert child.stdout is not None
        line = child.stdout.readline()
    finally:
        too_late.cancel()
    if not line:
        raise AssertionError(f"the service did not start: {_read(log)[-2000:].decode(errors='replace')}")
    url: str = json.loads(line)["url"]
    return url


def _end(child: subprocess.Popen[bytes]) -> int:
    """Stop the service as its operator would, then whatever is left; how many processes that were."""
    child.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(STOP_TIMEOUT_S)
    wait_until(lambda: not _session(child.pid), within_s=LEFT_WITHIN_S)
    left = _session(child.pid)
    for pid in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    child.wait(STOP_TIMEOUT_S)
    return len(left)


def _session(leader: int) -> list[int]:
    """The processes of a session that live; a zombie does not."""
    return [pid for pid, state in _processes(leader) if state != "Z"]


def _states(leader: int) -> list[str]:
    return [state for _, state in _processes(leader)]


def _processes(leader: int) -> Iterator[tuple[int, str]]:
    """Id and state of the processes of a session."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):  # it ended meanwhile
                state, _, _, session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
                if int(session) == leader:
                    yield int(entry.name), state


def _read(log: IO[bytes]) -> bytes:
    """All of it; not by `seek`, as the service writes where this file object's position is."""
    return os.pread(log.fileno(), os.fstat(log.fileno()).st_size, 0)


def _resident_bytes(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    return 0


def wait_until(condition: Any, *, within_s: float, every_s: float = 0.02) -> float:
    """Seconds until `condition()` holds; infinity if it does not within the time."""
    started = time.monotonic()
    while not condition():
        if time.monotonic() - started > within_s:
            return float("inf")
        time.sleep(every_s)
    return time.monotonic() - started
