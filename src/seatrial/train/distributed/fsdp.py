"""Every process keeps a part of the weights, of their gradients and of the optimizer; a block is put together while it
computes.

Source: Zhao et al. 2023, "PyTorch FSDP: Experiences on Scaling Fully Sharded Data Parallel", §3; here torch's second
form of it, `fully_shard`, which divides each weight along its first axis.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, cast

from seatrial.train.distributed.base import Build, T, Use
from seatrial.train.distributed.exchange import Exchange

if TYPE_CHECKING:
    import torch
    from accelerate import Accelerator
    from torch.distributed.fsdp import FSDPModule, MixedPrecisionPolicy

__all__ = ["Sharded"]


class Sharded(Exchange):
    """The strategy `fsdp`; see `Strategy`."""

    _wrapped: FSDPModule

    def prepare(
        self, model: torch.nn.Module, build: Build, accelerator: Accelerator
    ) -> tuple[torch.nn.Module, torch.optim.Optimizer]:
        from torch.distributed.device_mesh import init_device_mesh
        from torch.distributed.fsdp import fully_shard

        from seatrial.train.distributed.inner import Inner

        self._accelerator = accelerator
        mesh = init_device_mesh(accelerator.device.type, (self.processes.count,))
        policy = _precision(model, accelerator)
        network = model.to(accelerator.device)
        for block in _blocks(network):
            fully_shard(block, mesh=mesh, mp_policy=policy)
        self._wrapped = fully_shard(Inner(network), mesh=mesh, mp_policy=policy)
        for module in self._parts():
            # Summed and not divided: each process's loss already counts as its share.
            module.set_force_sum_reduction_for_comms(True)
            module.set_gradient_divide_factor(1.0)
            # Put together for the first time here: what is put together in inference mode first, as by a run that goes
            # on with a validation, would never have gradients.
            module.unshard()
            module.reshard()
        return network, accelerator.prepare_optimizer(build(network))

    def backward(self, use: Use[torch.Tensor], share: float, *, last: bool) -> float:
        self._wrapped.set_requires_gradient_sync(last)
        loss = cast("Any", self._wrapped)(use) * share
        self._accelerator.backward(loss)
        return float(loss.detach())

    def judge(self, use: Use[T]) -> T:
        """Every process judges the whole split, in step with the others, because each has a part of every block."""
        found: T = cast("Any", self._wrapped)(use)
        for module in self._parts():
            module.reshard()  # the outermost stays whole after a forward call; weights are read from the parts
        return self.agree(found)

    def whole(self, network: torch.nn.Module, load: Callable[[], torch.nn.Module]) -> tuple[torch.nn.Module, bool]:
        """Made anew: the parts of this network cannot be put together for good."""
        return load(), True

    def _parts(self) -> Iterator[FSDPModule]:
        from torch.distributed.fsdp import FSDPModule

        for module in cast("torch.nn.Module", self._wrapped).modules():
            if isinstance(module, FSDPModule):
                yield module


def _blocks(network: torch.nn.Module) -> list[torch.nn.Module]:
    """The blocks of every stack: what stands in a `ModuleList` that stands in no other."""
    from torch.nn import ModuleList

    lists = [(name, module) for name, module in network.named_modules() if isinstance(module, ModuleList)]
    outer = [module for name, module in lists if not any(name.startswith(f"{other}.") for other, _ in lists)]
    return [block for module in outer for block in module if any(True for _ in block.parameters())]


def _precision(model: torch.nn.Module, accelerator: Accelerator) -> MixedPrecisionPolicy:
    """The accelerator's precision as FSDP has it: autocast would keep a whole copy of the weights in bf16."""
    import torch
    from torch.distributed.fsdp import MixedPrecisionPolicy

    if accelerator.mixed_precision != "bf16":
        return MixedPrecisionPolicy()
    from accelerate.utils.operations import convert_outputs_to_fp32

    cast("Any", model).forward = convert_outputs_to_fp32(model.forward)
    return MixedPrecisionPolicy(param_dtype=torch.bfloat16, reduce_dtype=torch.float32)
