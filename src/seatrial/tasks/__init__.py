"""Tasks: one file per kind of problem; rows → examples → targets → outputs → answers."""

from __future__ import annotations

from seatrial.registry import Registry
from seatrial.tasks.base import Generates, JudgedBesideBase, Known, NeedsHead, Prompt, Said, Task, Writes

__all__ = ["TASKS", "Generates", "JudgedBesideBase", "Known", "NeedsHead", "Prompt", "Said", "Task", "Writes"]

TASKS: Registry[type[Task]] = Registry(
    "task",
    "seatrial.tasks",
    {
        "text-classification": "seatrial.tasks.text_classification:TextClassification",
        "token-classification": "seatrial.tasks.token_classification:TokenClassification",
        "causal-lm": "seatrial.tasks.causal_lm:CausalLm",
        "masked-lm": "seatrial.tasks.masked_lm:MaskedLm",
        "preference": "seatrial.tasks.preference:Preference",
        "seq2seq": "seatrial.tasks.seq2seq:Seq2Seq",
        "embedding": "seatrial.tasks.embedding:Embedding",
    },
)
