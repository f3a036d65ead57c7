"""Train: a pretrained model, examples and an injected score → a fine-tuned model in transformers' folder layout.

One loop for every objective: the task gives the loss, an adapter says which weights learn, callbacks hear the records.
"""

from __future__ import annotations

__all__: list[str] = []
