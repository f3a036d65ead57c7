"""An engine of a few lines: what follows depends on the last tokens and on the length, and it notes its calls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

VOCABULARY = 17


class Counting:
    vocabulary, context, slots = VOCABULARY, 64, 4

    def __init__(self) -> None:
        self.held: list[list[int]] = [[] for _ in range(self.slots)]
        self.calls: list[tuple[str, tuple[int, ...], int]] = []

    def row(self, token_ids: list[int]) -> np.ndarray:
        logits = np.zeros(VOCABULARY, dtype=np.float32)
        logits[(token_ids[-1] + 1) % VOCABULARY] = 2.5
        logits[(sum(token_ids[-3:]) + len(token_ids) // 7) % VOCABULARY] += 3
        return logits

    def prefill(self, slot: int, token_ids: Sequence[int], last: int = 1) -> np.ndarray:
        self.calls.append(("prefill", (slot,), len(token_ids)))
        return self.append(slot, token_ids)[len(token_ids) - last :]

    def decode(self, slots: Sequence[int], token_ids: Sequence[int]) -> np.ndarray:
        self.calls.append(("decode", tuple(slots), 1))
        return np.concatenate([self.append(slot, [token]) for slot, token in zip(slots, token_ids, strict=True)])

    def append(self, slot: int, token_ids: Sequence[int]) -> np.ndarray:
        rows = []
        for token_id in token_ids:
            self.held[slot].append(token_id)
            assert len(self.held[slot]) <= self.context
            rows.append(self.row(self.held[slot]))
        return np.array(rows)

    def copy(self, source: int, target: int) -> None:
        self.held[target] = list(self.held[source])

    def trim(self, slot: int, length: int) -> None:
        del self.held[slot][length:]


class Cycling(Counting):
    """Says 0, 1, 2, 3, 4 over and over."""

    def row(self, token_ids: list[int]) -> np.ndarray:
        logits = np.zeros(VOCABULARY, dtype=np.float32)
        logits[(token_ids[-1] + 1) % 5] = 3
        return logits


def greedy(prompt: Sequence[int], count: int) -> tuple[int, ...]:
    """What `Counting` says, computed without cache or scheduler."""
    token_ids = list(prompt)
    for _ in range(count):
        token_ids.append(int(Counting().row(token_ids).argmax()))
    return tuple(token_ids[len(prompt) :])
