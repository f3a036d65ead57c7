"""Predictions of several systems on several splits, in one file of a stage's artifact.

Arrays are float32, in the order of the split's examples: rows [rows, k] of raw outputs, or label scores [n, …]. Refuses
to know: which of the two; the writer's docstring says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["read_predictions", "write_predictions"]


def write_predictions(file: Path, predictions: Mapping[tuple[str, str], NDArray[np.float32]]) -> None:
    """Write ``(system, split) → array`` as an .npz file without pickles."""
    named = {f"{split}/{system}": array.astype(np.float32) for (system, split), array in predictions.items()}
    with file.open("wb") as stream:
        np.savez(stream, **named)  # type: ignore[arg-type]  # numpy types allow_pickle into the keywords


def read_predictions(file: Path) -> dict[tuple[str, str], NDArray[np.float32]]:
    """The inverse of `write_predictions`."""
    with np.load(file, allow_pickle=False) as stored:
        return {(name.split("/", 1)[1], name.split("/", 1)[0]): stored[name] for name in stored.files}
