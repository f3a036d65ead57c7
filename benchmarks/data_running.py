"""A command with what it cost: time, processor time and peak memory, all its processes included. Linux only."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Cost", "run_measured"]

SAMPLE_S = 0.1


@dataclass(frozen=True)
class Cost:
    """Of one command.

    Attributes:
        seconds: on the wall.
        cpu_s: user and system time of the process and of its children.
        peak_mb: the largest sum of their proportional set sizes, sampled; a page that two share counts once.
        stdout: what it printed.
    """

    seconds: float
    cpu_s: float
    peak_mb: float
    stdout: str


def run_measured(command: Sequence[str], folder: Path) -> Cost:
    """Run a command to its end.

    Args:
        command: and its arguments.
        folder: where it runs.

    Raises:
        SystemExit: it failed; the message is the end of what it said.
    """
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=err, text=True)
        peak = [0.0]
        over = threading.Event()
        watcher = threading.Thread(target=_watch, args=(process.pid, peak, over))
        watcher.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        over.set()
        watcher.join()
        out.seek(0)
        err.seek(0)
        if process.returncode:
            raise SystemExit(f"{' '.join(command[:6])} failed:\n{err.read()[-2000:]}")
        return Cost(seconds, usage.ru_utime + usage.ru_stime, peak[0], out.read())


def _watch(pid: int, peak: list[float], over: threading.Event) -> None:
    while not over.wait(SAMPLE_S):
        peak[0] = max(peak[0], sum(map(_megabytes, _family(pid))))


def _family(pid: int) -> list[int]:
    found = [pid]
    for member in found:
        for file in Path(f"/proc/{member}/task").glob("*/children"):
            try:
                found += map(int, file.read_text().split())
            except OSError:  # it has ended meanwhile
                continue
    return found


def _megabytes(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("Pss:")), 0.0)
