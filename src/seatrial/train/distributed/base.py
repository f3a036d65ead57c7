"""What a strategy promises: the same steps, however many processes take them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

from seatrial.train.distributed.division import Part, Weight
from seatrial.train.distributed.processes import Processes

if TYPE_CHECKING:
    import torch
    from accelerate import Accelerator

__all__ = ["Strategy"]

T = TypeVar("T")
Build = Callable[["torch.nn.Module"], "torch.optim.Optimizer"]
Use = Callable[["torch.nn.Module"], T]


class Strategy(Protocol):
    """How one or several processes share a training. All of them call each method at the same time."""

    processes: Processes
    """Which process this is."""

    def __init__(self, processes: Processes) -> None:
        """Nothing is exchanged yet."""

    def prepare(
        self, model: torch.nn.Module, build: Build, accelerator: Accelerator
    ) -> tuple[torch.nn.Module, torch.optim.Optimizer]:
        """The network as objectives call it, and the optimizer that `build` makes for it.

        Args:
            model: with the same weights in every process; changed in place.
            build: a model → its optimizer.
            accelerator: device and precision.
        """

    def divide(self, batches: Sequence[Sequence[int]], weight: Weight) -> Sequence[Part]:
        """What this process computes of a step; as many parts in every process."""

    def backward(self, use: Use[torch.Tensor], share: float, *, last: bool) -> float:
        """Add `share` of the loss's gradient to that of the step.

        Args:
            use: the network → the loss of a part, a scalar.
            share: what it counts.
            last: whether it is the last part of the step: gradients are exchanged then.

        Returns:
            What the part adds to the loss of the step.
        """

    def judge(self, use: Use[T]) -> T:
        """What `use` finds in the network, without gradients; every process gets what the first one found."""

    def total(self, value: float) -> float:
        """The sum over all processes."""

    def agree(self, value: T) -> T:
        """The first process's value."""

    def gather(self, value: T) -> list[T]:
        """The values of all processes, by rank, in the first one; elsewhere nothing."""

    def whole(self, network: torch.nn.Module, load: Callable[[], torch.nn.Module]) -> tuple[torch.nn.Module, bool]:
        """The network in one piece, at the end, in the first process; the others need not call it.

        Args:
            network: as `prepare` gave it.
            load: makes it anew, as it was before `prepare`.

        Returns:
            A network, and whether the learned weights are still to be loaded into it.
        """
