"""Lengths → batches whose padded size stays under a token budget. Texts of similar length share a batch."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

__all__ = ["token_budget_batches"]

POOL_BATCHES = 50


def token_budget_batches(
    lengths: Sequence[int], *, max_tokens: int, max_items: int, seed: int | None = None
) -> list[list[int]]:
    """Divide texts into batches that waste little on padding.

    Args:
        lengths: tokens of each text, ≥ 0.
        max_tokens: bound on items x longest of a batch, padding included. A text that is longer alone is a batch alone.
        max_items: bound on the items of a batch.
        seed: None goes from the longest to the shortest, so that a batch too large for the memory shows at once. A
            number shuffles: each pool of about fifty batches is drawn at random and sorted by length, then the
            batches of all pools are shuffled. Another number (one per epoch) gives other batches.

    Returns:
        Indices into `lengths`, each exactly once; the same for the same arguments on every machine.

    Raises:
        ValueError: a bound below 1 or a negative length.
    """
    if max_tokens < 1 or max_items < 1:
        raise ValueError(f"max_tokens and max_items must be at least 1, got {max_tokens} and {max_items}")
    if any(length < 0 for length in lengths):
        raise ValueError("a length is negative")
    order = list(range(len(lengths)))
    if seed is None:
        return list(_cut(sorted(order, key=lambda index: -lengths[index]), lengths, max_tokens, max_items))
    rng = random.Random(seed)  # noqa: S311 - an order, not a secret
    rng.shuffle(order)
    mean = max(1, sum(lengths) // max(1, len(lengths)))
    pool = POOL_BATCHES * max(1, min(max_items, max_tokens // mean))
    batches: list[list[int]] = []
    for start in range(0, len(order), pool):
        drawn = sorted(order[start : start + pool], key=lambda index: -lengths[index])
        batches += _cut(drawn, lengths, max_tokens, max_items)
    rng.shuffle(batches)
    return batches


def _cut(order: Sequence[int], lengths: Sequence[int], max_tokens: int, max_items: int) -> Iterator[list[int]]:
    """Batches along an order from long to short, so that a batch's first item is its longest."""
    batch: list[int] = []
    for index in order:
        if batch and (len(batch) == max_items or (len(batch) + 1) * lengths[batch[0]] > max_tokens):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
