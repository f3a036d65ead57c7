"""Several processes train one model: each computes on its share of every batch, and all take the same steps.

processes   who this process is among those that a launcher started
meeting     where they wait for the first of them, which runs every other stage
division    whose share of a batch is what
alone, ddp, fsdp    the strategies: one process, whole copies, a part of the weights each
tensors     whole tensors from divided ones, and back
lost        a process that ended, as one message
"""

from __future__ import annotations

from seatrial.registry import Registry
from seatrial.train.distributed.base import Strategy

__all__ = ["ALONE", "STRATEGIES", "Strategy"]

ALONE = "alone"
"""The strategy of one process; the project file chooses among the others."""

STRATEGIES: Registry[type[Strategy]] = Registry(
    "strategy",
    "seatrial.strategies",
    {
        "alone": "seatrial.train.distributed.alone:Alone",
        "ddp": "seatrial.train.distributed.ddp:Replicated",
        "fsdp": "seatrial.train.distributed.fsdp:Sharded",
    },
)
