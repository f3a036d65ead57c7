"""Every process has the whole network; gradients are summed while they are computed.

Source: Li et al. 2020, "PyTorch Distributed: Experiences on Accelerating Data Parallel Training", §3.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING

from seatrial.train.distributed.base import Build, T, Use
from seatrial.train.distributed.exchange import Exchange

if TYPE_CHECKING:
    import torch
    from accelerate import Accelerator
    from torch.nn.parallel import DistributedDataParallel

__all__ = ["Replicated"]


class Replicated(Exchange):
    """The strategy `ddp`; see `Strategy`."""

    _wrapped: DistributedDataParallel

    def prepare(
        self, model: torch.nn.Module, build: Build, accelerator: Accelerator
    ) -> tuple[torch.nn.Module, torch.optim.Optimizer]:
        from torch.nn.parallel import DistributedDataParallel

        from seatrial.train.distributed.inner import Inner

        self._accelerator = accelerator
        device = accelerator.device
        network = accelerator.prepare_model(model.to(device), evaluation_mode=True)  # its precision and no more
        self._wrapped = DistributedDataParallel(
            Inner(network),
            device_ids=None if device.type == "cpu" else [device.index],
            forward_sync_buffers=False,  # they do not change, and two calls in one loss would see them written
            # Heads that a batch does not use have no gradient. And buckets are not ordered anew after the first step,
            # so that a run that goes on adds in the order of one that was not broken off.
            find_unused_parameters=True,
        )
        return network, accelerator.prepare_optimizer(build(network))

    def backward(self, use: Use[torch.Tensor], share: float, *, last: bool) -> float:
        with nullcontext() if last else self._wrapped.no_sync():
            loss = self._wrapped(use) * share
            self._accelerator.backward(loss * self.processes.count)  # the gradients are divided by it
        return float(loss.detach())

    def judge(self, use: Use[T]) -> T:
        """Every process judges the whole split: nobody waits, so nobody's patience can run out."""
        found: T = self._wrapped.module(use)
        return self.agree(found)

    def whole(self, network: torch.nn.Module, load: Callable[[], torch.nn.Module]) -> tuple[torch.nn.Module, bool]:
        return self._accelerator.unwrap_model(network, keep_fp32_wrapper=False), False
