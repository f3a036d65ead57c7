"""onnxruntime on the release's served ONNX file: the default. Loads no torch."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.artifact.machine import cpu_count
from seatrial.export.session import OnnxSession
from seatrial.records import Release
from seatrial.serve.engines.base import Network

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["OnnxNetwork", "load"]


def load(release: Release, threads: int | None) -> Network:
    """The release's ONNX file, ready to run.

    Args:
        release: what `load_release` gave.
        threads: threads of one run; None takes every core for a run that is alone, and one for each of several.

    Raises:
        ArtifactError: the file cannot be loaded.
    """
    return OnnxNetwork(release.model_file, threads)


class OnnxNetwork:
    """An ONNX file behind the `Network` protocol.

    A run that is alone is fastest with all cores. Runs side by side are faster with one thread each than with threads
    that wait for each other: measured on two cores, 1,098 texts a second instead of 845, while a lone text took 1.1 ms
    instead of 1.6 (docs/log.md). A session has a fixed number of threads, so there are two of them, and the weights are
    there twice; with a number of threads of one's own there is one session.
    """

    def __init__(self, file: Path, threads: int | None) -> None:
        self._alone = OnnxSession(file, threads)
        self._beside = self._alone if threads is not None or cpu_count() == 1 else OnnxSession(file, 1)
        self._running = 0
        self._lock = threading.Lock()

    def logits(self, token_ids: Sequence[Sequence[int]], pad_id: int = 0) -> NDArray[np.float32]:
        """One batch; which session computes it makes no difference to the numbers."""
        with self._lock:
            self._running += 1
            session = self._alone if self._running == 1 else self._beside
        try:
            return session.logits(token_ids, pad_id)
        finally:
            with self._lock:
                self._running -= 1
