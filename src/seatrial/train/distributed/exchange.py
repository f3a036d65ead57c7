"""What processes tell each other beside gradients: sums, decisions of the first, states of all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from seatrial.train.distributed.base import T
from seatrial.train.distributed.division import Part, Weight, my_shares
from seatrial.train.distributed.processes import Processes

if TYPE_CHECKING:
    from accelerate import Accelerator

__all__ = ["Exchange"]


class Exchange:
    """Methods of a strategy that do not depend on where the weights are; see `Strategy`."""

    _accelerator: Accelerator

    def __init__(self, processes: Processes) -> None:
        self.processes = processes

    def divide(self, batches: Sequence[Sequence[int]], weight: Weight) -> Sequence[Part]:
        return my_shares(batches, weight, self.processes)

    def total(self, value: float) -> float:
        import torch
        from torch import distributed

        sum_ = torch.tensor(value, dtype=torch.float64, device=self._accelerator.device)
        distributed.all_reduce(sum_)
        return float(sum_)

    def agree(self, value: T) -> T:
        from torch import distributed

        told: list[Any] = [value]
        distributed.broadcast_object_list(told, src=0)
        found: T = told[0]
        return found

    def gather(self, value: T) -> list[T]:
        from torch import distributed

        found: list[Any] | None = [None] * self.processes.count if self.processes.first else None
        distributed.gather_object(value, found, dst=0)
        return found or []
