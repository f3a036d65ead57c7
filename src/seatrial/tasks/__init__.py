"""Tasks: one file per kind of problem; rows → examples → targets → probabilities → answers."""

from __future__ import annotations

from seatrial.registry import Registry
from seatrial.tasks.base import Task

__all__ = ["TASKS", "Task"]

TASKS: Registry[type[Task]] = Registry(
    "task",
    "seatrial.tasks",
    {"text-classification": "seatrial.tasks.text_classification:TextClassification"},
)
