"""Sources → rows → examples → cleaned → deduplicated → split, as JSONL; and batches under a token budget.

Inputs: the `data:` section of the project file and a task that reads rows. Outputs: a folder with one JSONL file per
split, the labels, and every row that was left out, with the reason. Knows no model and no tokenizer.
"""

from __future__ import annotations

from seatrial.data.base import ReadsRows

__all__ = ["ReadsRows"]
