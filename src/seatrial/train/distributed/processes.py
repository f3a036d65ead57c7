"""Which process this is, of how many. Read from what torchrun, accelerate and cluster schedulers set.

Refuses to know: torch. Standard library only, so that every command may ask.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["ONE", "Processes", "launched"]


@dataclass(frozen=True, slots=True)
class Processes:
    """This process among those that train together.

    Attributes:
        rank: its number, from 0; the first one runs what is not training, writes files and talks.
        count: how many there are.
        local_rank: its number on this machine, from 0.
        local_count: how many are on this machine.
    """

    rank: int = 0
    count: int = 1
    local_rank: int = 0
    local_count: int = 1

    @property
    def first(self) -> bool:
        """Whether it is the one that writes and talks."""
        return self.rank == 0

    @property
    def several(self) -> bool:
        """Whether there is anybody to train with."""
        return self.count > 1


ONE = Processes()


def launched(environment: Mapping[str, str] | None = None) -> Processes:
    """What the launcher said in `RANK`, `WORLD_SIZE`, `LOCAL_RANK` and `LOCAL_WORLD_SIZE`; one process where nothing.

    Args:
        environment: None takes that of the process.
    """
    found = os.environ if environment is None else environment
    rank, count = _number(found, "RANK", 0), _number(found, "WORLD_SIZE", 1)
    if count <= 1 or not 0 <= rank < count:
        return ONE
    return Processes(rank, count, _number(found, "LOCAL_RANK", rank), _number(found, "LOCAL_WORLD_SIZE", count))


def _number(environment: Mapping[str, str], name: str, otherwise: int) -> int:
    value = environment.get(name, "")
    return int(value) if value.isdecimal() else otherwise
