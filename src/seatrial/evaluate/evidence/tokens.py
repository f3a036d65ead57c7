"""Evidence for language models: what there was to foresee, and the documents that surprised the model most."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from seatrial.evaluate.evidence.base import Predictions, Settings, Shown
from seatrial.evaluate.metrics.tokens import BYTES, NATS, TOKENS

__all__ = ["token_evidence"]

DOCUMENTS = 20
LEAST_BYTES = 20
"""Shorter documents surprise by their brevity."""
MOST_CHARACTERS = 300


def token_evidence(predictions: Predictions, labels: Sequence[str], settings: Settings) -> Shown:
    """See `Evidence`; the table `surprising` {text, bits_per_byte, tokens, slices}."""
    del labels, settings  # there are none, and the figures have their intervals elsewhere
    counts = predictions.label_scores.astype(np.float64)
    bits = counts[:, NATS] / math.log(2) / np.maximum(counts[:, BYTES], 1)
    order = [place for place in np.argsort(-bits, kind="stable") if counts[place, BYTES] >= LEAST_BYTES]
    rows = []
    for place in order[:DOCUMENTS]:
        example = predictions.examples[place]
        text = "\n".join(example.inputs.values())
        rows.append(
            {
                "text": text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS] + "…",
                "bits_per_byte": round(float(bits[place]), 4),
                "tokens": int(counts[place, TOKENS]),
                "slices": dict(example.slices),
            }
        )
    tokens, size = float(counts[:, TOKENS].sum()), float(counts[:, BYTES].sum())
    facts = {"tokens": int(tokens), "bytes": int(size)}
    return Shown({"surprising": rows}, facts=facts | ({"bytes_per_token": round(size / tokens, 4)} if tokens else {}))
