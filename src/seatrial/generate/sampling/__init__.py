"""Logits of one position → the next token. One idea per file; `sampler` puts them in order.

Shapes: V vocabulary, C candidates left. Refuses to know: engines, batches: a row is chosen from by itself, so what else
is computed with it changes nothing.
"""

from __future__ import annotations

from seatrial.generate.sampling.sampler import Sampler

__all__ = ["Sampler"]
