"""Models: token ids → logits or vectors, for any transformers encoder. Torch is loaded when something is called."""

from __future__ import annotations

__all__: list[str] = []
