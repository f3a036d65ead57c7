"""Memory that is free goes back to the system."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from seatrial.serve.memory import give_back_memory, keep_large_blocks_apart

# In a process of its own: the setting is for good. Blocks as a model's layers and embeddings, freed by their thread;
# what is allocated last keeps the pool's end in use.
SCRIPT = """
import threading
from pathlib import Path
from seatrial.serve.memory import give_back_memory, keep_large_blocks_apart

def resident_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

def load():
    blocks = [bytearray(b"x") * size for size in [100_000] * 200 + [20_000_000] * 3]
    kept.append(bytearray(b"x") * 100_000)

kept = []
keep_large_blocks_apart()
before = resident_mb()
for _ in range(4):
    thread = threading.Thread(target=load)
    thread.start()
    thread.join()
give_back_memory()
print(resident_mb() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has these calls")
def test_what_a_thread_has_freed_is_given_back() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=60)
    assert float(done.stdout) < 10, "of 80 MB per thread"


def test_a_library_without_these_calls_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda _: object())
    keep_large_blocks_apart()
    give_back_memory()
