"""One process: nothing is divided and nothing exchanged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

from seatrial.train.distributed.base import Build, T, Use
from seatrial.train.distributed.division import Part, Weight, shares
from seatrial.train.distributed.processes import ONE, Processes

if TYPE_CHECKING:
    import torch
    from accelerate import Accelerator

__all__ = ["Alone"]


class Alone:
    """The strategy of one process; see `Strategy`."""

    def __init__(self, processes: Processes = ONE) -> None:
        self.processes = processes

    def prepare(
        self, model: torch.nn.Module, build: Build, accelerator: Accelerator
    ) -> tuple[torch.nn.Module, torch.optim.Optimizer]:
        self._accelerator = accelerator
        prepared, optimizer = accelerator.prepare(model.to(accelerator.device), build(model))
        self._network = cast("torch.nn.Module", prepared)
        return self._network, optimizer

    def divide(self, batches: Sequence[Sequence[int]], weight: Weight) -> Sequence[Part]:
        return shares(batches, weight)

    def backward(self, use: Use[torch.Tensor], share: float, *, last: bool) -> float:
        del last
        loss = use(self._network)
        if share != 1.0:
            loss = loss * share
        self._accelerator.backward(loss)
        return float(loss.detach())

    def judge(self, use: Use[T]) -> T:
        return use(self._network)

    def total(self, value: float) -> float:
        return value

    def agree(self, value: T) -> T:
        return value

    def gather(self, value: T) -> list[T]:
        return [value]

    def whole(self, network: torch.nn.Module, load: Callable[[], torch.nn.Module]) -> tuple[torch.nn.Module, bool]:
        return self._accelerator.unwrap_model(network, keep_fp32_wrapper=False), False
