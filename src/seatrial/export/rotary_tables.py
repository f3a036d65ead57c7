"""Tables of rotary position embedding: the cosine and sine of every position and frequency, from a model's config.json.

A pair of a head's values is turned by ``position · frequency``; the frequencies fall from 1 to 1/base. Long-context
variants only change the frequencies, so that they are tables too and no graph knows of them.
Source: RoFormer (arXiv 2104.09864) §3.2; linear scaling: arXiv 2306.15595; the scaling of Llama 3: its model code.

Refuses to know: ONNX, weights. A way of scaling that is not written here is an error, never a wrong table.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from seatrial.errors import ArtifactError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

__all__ = ["rotary_tables"]

DEFAULT_BASE = 10_000.0


def rotary_tables(config: Mapping[str, Any], width: int, positions: int, *, where: str) -> tuple[Floats, Floats]:
    """Cosines and sines, each float32 [positions, width / 2].

    Args:
        config: a config.json of transformers 5 (`rope_parameters`) or older (`rope_theta`, `rope_scaling`).
        width: values of a head, even.
        positions: the longest context.
        where: the file, for messages.

    Raises:
        ArtifactError: the frequencies are scaled in a way that is not known here.
    """
    scaling = {**(config.get("rope_scaling") or {}), **(config.get("rope_parameters") or {})}
    base = float(scaling.get("rope_theta") or config.get("rope_theta") or DEFAULT_BASE)
    kind = scaling.get("rope_type") or scaling.get("type") or "default"
    partial = scaling.get("partial_rotary_factor") or config.get("partial_rotary_factor") or 1.0
    frequencies = (1.0 / base ** (np.arange(0, width, 2, dtype=np.float32) / np.float32(width))).astype(np.float32)
    if kind == "linear":
        frequencies = frequencies / np.float32(scaling["factor"])
    elif kind == "llama3":
        frequencies = _llama3(frequencies, scaling)
    elif kind != "default" or partial != 1.0:
        raise ArtifactError(
            f"its rotary positions are of the kind {kind!r}, turning {partial:g} of a head",
            where=where,
            expected="default, linear or llama3, turning the whole head",
            hint="run this model with the engine 'transformers'",
        )
    # In float32, as the models were trained: float64 would turn far positions by a slightly different angle.
    angles = np.arange(positions, dtype=np.float32)[:, None] * frequencies.astype(np.float32)
    return np.cos(angles), np.sin(angles)


def _llama3(frequencies: Floats, scaling: Mapping[str, Any]) -> Floats:
    """Slow frequencies are divided by `factor`, fast ones stay, those between change gradually."""
    factor, low, high = (float(scaling[name]) for name in ("factor", "low_freq_factor", "high_freq_factor"))
    turns = scaling["original_max_position_embeddings"] * frequencies / (2 * math.pi)  # within the first context
    kept = np.clip((turns - low) / (high - low), 0.0, 1.0)
    mixed: Floats = ((1 - kept) * frequencies / factor + kept * frequencies).astype(np.float32)
    return mixed
