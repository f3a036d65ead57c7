"""Where processes wait for the first of them: a word in the launcher's store, which nobody has to be in time for.

Collective operations give up after minutes, and preparing data may take hours. So nothing collective happens before the
first process says in the store what there is to learn, and where it lies.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from seatrial.errors import LostProcessError, MissingExtraError
from seatrial.train.distributed.processes import Processes

if TYPE_CHECKING:
    from torch.distributed.distributed_c10d import Store

__all__ = ["Meeting"]

WORD, LEAVE = "seatrial/word", "leave"
LOOK_EVERY_S = 0.1
FIND_WITHIN = timedelta(minutes=10)


class Meeting:
    """The store that the launcher gave the processes.

    Args:
        processes: as the launcher numbered them.

    Raises:
        MissingExtraError: torch is not installed.
        LostProcessError: the first process, or the launcher, is not there.
    """

    def __init__(self, processes: Processes) -> None:
        try:
            from torch.distributed import DistError
            from torch.distributed.rendezvous import rendezvous
        except ImportError as error:
            raise MissingExtraError("training", "train") from error

        self.processes = processes
        self._called = False
        try:
            self._store: Store = next(rendezvous("env://", timeout=FIND_WITHIN))[0]
        except (DistError, ValueError) as error:  # ValueError: an address or a port is not set
            raise LostProcessError(
                f"the processes cannot find each other: {str(error).splitlines()[0]}",
                where="MASTER_ADDR, MASTER_PORT",
                hint="start them with torchrun --nproc-per-node N -m seatrial run PROJECT",
            ) from error

    def call(self, word: Mapping[str, str]) -> None:
        """The first process: tell the others what to train on. They go to work."""
        self._say(json.dumps(word))

    def dismiss(self) -> None:
        """The first process: let the others go, if they have not been called."""
        if not self._called:
            self._say(LEAVE)

    def wait(self) -> Mapping[str, str] | None:
        """The other processes: wait, for hours if need be, for what to train on; None: there is nothing to do.

        Raises:
            LostProcessError: the first process, or the launcher, has ended.
        """
        from torch.distributed import DistError

        try:
            while not self._store.check([WORD]):
                time.sleep(LOOK_EVERY_S)
            word = self._store.get(WORD).decode()
        except DistError as error:
            raise LostProcessError(
                "the first process ended before the training began", hint="read what it said, and start all again"
            ) from error
        found: dict[str, str] | None = None if word == LEAVE else json.loads(word)
        return found

    def _say(self, word: str) -> None:
        from contextlib import suppress

        from torch.distributed import DistError

        self._called = True
        with suppress(DistError):  # the launcher has gone, and the others with it
            self._store.set(WORD, word)
