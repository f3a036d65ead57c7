"""Make a long run a good neighbour, and fast beside one.

torch computes with OpenMP threads that by default spin while they wait for each other. On a machine that does anything
else at the same time, a thread that spins keeps the core from the one it waits for: with one other busy process on two
cores, fine-tuning MiniLM fell from about 190 texts per second to between 9 and 60; with sleeping threads it kept 127 to
198 (docs/log.md). The setting is read when OpenMP is loaded, so it must be in the environment before torch is imported.
"""

from __future__ import annotations

import os

from seatrial.train.distributed.processes import launched

__all__ = ["share_cores"]


def share_cores() -> None:
    """Let waiting OpenMP threads sleep, unless the user has said otherwise.

    torchrun gives each of several processes one thread where nobody said how many. Training has a setting of its own
    and shares the cores out; everything else is one process's work, with all of them.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if launched().several:
        os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")  # each process would warn of what is so on purpose
        if os.environ.get("OMP_NUM_THREADS") == "1":
            del os.environ["OMP_NUM_THREADS"]
