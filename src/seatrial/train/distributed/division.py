"""Whose share of a batch is what, and how much it counts: so that the sum over all processes is the gradient of the
undivided batches.

Refuses to know: torch, and what an item is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from seatrial.errors import SpecError
from seatrial.train.distributed.processes import Processes

__all__ = ["check_shares", "my_shares", "shares"]

Weight = Callable[[Sequence[int]], float]
"""How many things the mean loss of a batch is over."""

Part = tuple[Sequence[int], float]
"""Items, and what their mean loss counts in that of the step."""


def shares(batches: Sequence[Sequence[int]], weight: Weight) -> list[Part]:
    """The batches of a step with what each counts; that sums to 1."""
    if len(batches) == 1:
        return [(batches[0], 1.0)]
    weights = [weight(batch) for batch in batches]
    total = sum(weights)
    return [(batch, each / total if total else 1 / len(batches)) for batch, each in zip(batches, weights, strict=True)]


def my_shares(batches: Sequence[Sequence[int]], weight: Weight, processes: Processes) -> list[Part]:
    """Of every batch of a step, what this process computes on and what it counts; over all processes that sums to 1.

    Every process gets as many parts as there are batches and none is empty, because all must take part in each exchange
    of gradients. Where a batch has nothing for a process, it computes on an item of another at weight 0: a mean over
    nothing would be NaN.

    Args:
        batches: of one optimizer step. Batches have their items from long to short, so every n-th item makes shares of
            like length.
        weight: of items; what a batch weighs is the sum over its items.
        processes: which one this is.
    """
    weights = [weight(batch) for batch in batches]
    total = sum(weights)
    found: list[Part] = []
    for batch, whole in zip(batches, weights, strict=True):
        mine = batch[processes.rank :: processes.count]
        if total == 0:  # as in `shares`: every batch counts alike, and its items too
            found.append((mine or batch[:1], len(mine) / len(batch) / len(batches)))
            continue
        counts = weight(mine) if mine else 0.0
        if counts == 0 and whole:
            mine = [next(item for item in batch if weight([item]) > 0)]
        found.append((mine or batch[:1], counts / total))
    return found


def check_shares(batches: Sequence[Sequence[int]], processes: Processes) -> None:
    """Raise SpecError where even the largest batch has fewer items than there are processes."""
    most = max(map(len, batches))
    if most < processes.count:
        items = f"{most} {'item' if most == 1 else 'items'}"
        raise SpecError(
            f"{processes.count} processes share each batch, and the largest has {items}",
            where="training.batch_items",
            hint="raise training.batch_items and training.batch_tokens, or start fewer processes",
        )
