"""What is told of a computed batch, and of one request's share in batches. Refuses to know: how either came about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["Batch", "Batched"]

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Batch:
    """A computed batch: items, their tokens without and with padding, and how long it took."""

    items: int
    tokens: int
    padded_tokens: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Batched(Generic[Answer]):
    """The answers to one request, in order; how long its last item waited, and how long that item's batch took."""

    answers: list[Answer]
    waited_s: float
    computed_s: float
