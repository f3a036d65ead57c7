"""Many answers at a time are those that each prompt alone would get."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seatrial.evaluate.writing import write_greedily

STOP = 9


class Counter:
    """Says the number after the last, up to nine."""

    vocabulary, context, slots = 10, 12, 2

    def __init__(self) -> None:
        self.held: list[list[int]] = [[] for _ in range(self.slots)]

    def prefill(self, slot: int, token_ids: Sequence[int], last: int = 1) -> np.ndarray:
        self.held[slot] += token_ids
        assert len(self.held[slot]) <= self.context
        rows = [np.eye(10, dtype=np.float32)[min(token + 1, STOP)] for token in token_ids]
        return np.array(rows)[len(rows) - last :]

    def decode(self, slots: Sequence[int], token_ids: Sequence[int]) -> np.ndarray:
        return np.concatenate([self.prefill(slot, [token]) for slot, token in zip(slots, token_ids, strict=True)])

    def copy(self, source: int, target: int) -> None:
        self.held[target] = list(self.held[source])

    def trim(self, slot: int, length: int) -> None:
        del self.held[slot][length:]


def test_answers_end_before_the_stop_token_or_at_their_length() -> None:
    prompts = [[1, 2], [7], [8], [0, 0, 3], list(range(10)) * 2 + [5]]
    heard: list[tuple[int, int]] = []
    written = write_greedily(
        Counter(),
        prompts,
        stop_ids=frozenset([STOP]),
        max_tokens=4,
        progress=lambda what, done, total, figures=None: heard.append((done, total)),
    )
    assert written == [[3, 4, 5, 6], [8], [], [4, 5, 6, 7], [6, 7, 8]]
    assert heard[-1] == (5, 5)
    assert write_greedily(Counter(), [], stop_ids=frozenset([STOP]), max_tokens=4) == []
