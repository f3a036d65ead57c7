"""Asks a model, in a thread beside the page, how unsure it is of each item that people still have to answer.

Refuses to know: what a model is; it gets a function from texts to probabilities.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from seatrial.data.annotate.choosing import Uncertainty, uncertainty
from seatrial.errors import SeatrialError
from seatrial.label.session import Session

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Scoring"]

LOG = logging.getLogger("seatrial.label")
BATCH = 64


class Scoring:
    """The thread; it ends by itself when every item is scored.

    Args:
        session: what is filled in: `unsure`, and in `scored` what is told about it.
        score: texts to probabilities [n, k], k at least 2.
        how: how uncertainty is measured.
    """

    def __init__(
        self, session: Session, score: Callable[[Sequence[str]], NDArray[np.float32]], how: Uncertainty = "margin"
    ) -> None:
        self._session, self._score, self._how = session, score, how
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="label-scoring", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._session.scored = "the model reads the items"
        self._thread.start()

    def stop(self) -> None:
        """End after the batch at hand."""
        self._stop.set()
        self._thread.join()

    def wait(self, timeout_s: float) -> bool:
        """Whether every item is scored, after at most this time."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _work(self) -> None:
        session = self._session
        done = session.store.standing.said
        waiting = [item for item in session.order if item not in done] + [
            item for item in session.order if item in done
        ]
        for start in range(0, len(waiting), BATCH):
            if self._stop.is_set():
                return
            items = waiting[start : start + BATCH]
            try:
                shares = self._score([item.text for item in session.store.items(items)])
            except SeatrialError as error:  # people can go on without a model
                LOG.warning("the model stopped: %s", error)
                session.scored = f"the model stopped: {error.message}"
                return
            session.unsure.update(zip(items, map(float, uncertainty(shares, self._how)), strict=True))
        session.scored = "what the model is least sure of comes first"
