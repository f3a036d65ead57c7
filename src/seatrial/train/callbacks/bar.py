"""The run's records as progress: texts done of texts in all, with loss and rate."""

from __future__ import annotations

from seatrial.progress import Progress
from seatrial.train.events import Event, Step

__all__ = ["Bar"]


class Bar:
    """Tells `progress` about ``"train"``.

    Args:
        progress: who listens.
        texts: texts in all, over all epochs.
    """

    def __init__(self, progress: Progress, texts: int) -> None:
        self._progress = progress
        self._texts = texts
        self._done = 0

    def __call__(self, event: Event) -> None:
        if isinstance(event, Step):
            self._done = event.texts
            self._progress("train", self._done, self._texts, {"loss": event.loss, "texts_per_s": event.texts_per_s})

    def close(self) -> None:
        if self._done < self._texts:
            self._progress("train", self._done, self._done)  # stopped early: the bar closes where it is
