"""The answer to a request as every protocol gets it, before it becomes anybody's JSON.

Refuses to know: protocols.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seatrial.models.reading import Reading
from seatrial.records import Release

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Prediction", "Timings"]


@dataclass(frozen=True, slots=True)
class Timings:
    """Where the time went, in milliseconds; `total_ms` is from request to answer inside the service."""

    tokenize_ms: float
    queue_ms: float
    compute_ms: float
    total_ms: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """The answers to one request.

    Attributes:
        release: which model answered, and under which version.
        texts: what was asked about.
        outputs: one array per text, float32, whose last axis is k: probabilities in the order of the labels, for the
            text or for each piece of it, or an embedding.
        tokens: tokens of each text as the model read it, special tokens included; 0 where the cache answered.
        cached: how many texts the cache answered.
        timings: where the time went.
        describe: an output and its text → the task's JSON object.
        read: texts → windows of token ids, as the model that answered reads them.
    """

    release: Release
    texts: Sequence[str]
    outputs: Sequence[NDArray[np.float32]]
    tokens: Sequence[int]
    cached: int
    timings: Timings
    describe: Callable[[NDArray[np.float32], str], dict[str, Any]]
    read: Callable[[Sequence[str]], Reading]

    def objects(self) -> list[dict[str, Any]]:
        """The task's JSON object for each text."""
        return [self.describe(output, text) for output, text in zip(self.outputs, self.texts, strict=True)]
