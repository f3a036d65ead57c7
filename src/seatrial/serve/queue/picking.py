"""Which of the waiting items are computed next, by length, so that little is computed that is only padding.

Refuses to know: what an item is, and when a batch is wanted.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["pick_batch"]


def pick_batch(lengths: Sequence[int], *, max_items: int, max_tokens: int, run_cost_tokens: float) -> list[int]:
    """Choose what to compute next from a queue.

    The oldest item is always chosen, so nothing starves. Others join in the order of how near their length is to
    the oldest's, each only if the padding that it causes is cheaper than a run of its own.

    Args:
        lengths: tokens per waiting item, oldest first; not empty.
        max_items: items in the batch, at most.
        max_tokens: items x longest, at most (a single item may exceed it).
        run_cost_tokens: what one run costs beyond its tokens, expressed in tokens.

    Returns:
        Indices into `lengths`, ascending; 0 is always among them.
    """
    longest = lengths[0]
    chosen = [0]
    nearest = sorted(range(1, len(lengths)), key=lambda i: abs(lengths[i] - lengths[0]))
    for index in nearest[: max_items - 1]:
        size, length = len(chosen) + 1, max(longest, lengths[index])
        grown = size * length - len(chosen) * longest
        if size * length > max_tokens or grown > lengths[index] + run_cost_tokens:
            break
        chosen.append(index)
        longest = length
    return sorted(chosen)
