"""Put low-rank updates into a network, and take them out again.

`adapt` freezes the network and puts a `LoRALayer` in the place of each chosen layer; nothing else of the network
changes, so it is called and trained as before. Refuses to know files, losses and optimisers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch import nn

from seatrial.errors import SpecError
from seatrial.models.networks.lora.layer import LoRALayer
from seatrial.models.networks.lora.targets import find_targets

__all__ = ["Adapted", "adapt", "fold", "lora_layers", "merge", "unmerge"]


@dataclass(frozen=True, slots=True)
class Adapted:
    """What `adapt` did.

    Args:
        targets: names of the layers that have an update now.
        trained: weights that learn.
        total: all weights, those of the updates included.
    """

    targets: tuple[str, ...]
    trained: int
    total: int

    @property
    def share(self) -> float:
        """Of all weights, those that learn: 0 to 1."""
        return self.trained / self.total

    def __str__(self) -> str:
        share = f"{self.share:.2%} of the weights"
        return f"{len(self.targets)} layers learn, {self.trained:,} of {self.total:,} weights ({share})"


def adapt(
    network: nn.Module,
    rank: int,
    alpha: float,
    targets: str | Sequence[str] | None = None,
    *,
    dropout: float = 0.0,
) -> Adapted:
    """Freeze `network` and let low-rank updates learn in its place; it is changed as it stands.

    Args:
        network: of this room, or one of transformers'.
        rank: r of each update; 4 to 64 is usual.
        alpha: α; often `rank` or twice that.
        targets: which layers, see `find_targets`.
        dropout: share of an update's inputs that are dropped in training.

    Returns:
        What learns now, and how much of the whole that is.

    Raises:
        SpecError: values out of range, no such layers, or updates that are in the network already.
    """
    if rank < 1:
        raise SpecError(f"{rank} is no rank", where="rank", expected="1 or more")
    if alpha <= 0:
        raise SpecError(f"{alpha} is too small", where="alpha", expected="more than 0")
    if not 0 <= dropout < 1:
        raise SpecError(f"{dropout} is no share", where="dropout", expected="0 or more, below 1")
    if lora_layers(network):
        raise SpecError(
            "the network is adapted already", where="network", hint="fold(network) makes its updates part of it"
        )
    names = find_targets(network, targets)
    network.requires_grad_(False)
    for name in names:
        layer = LoRALayer(network.get_submodule(name), rank=rank, alpha=alpha, dropout=dropout)
        network.set_submodule(name, layer.train(network.training))
    sizes = [(parameter.numel(), parameter.requires_grad) for parameter in network.parameters()]
    return Adapted(names, sum(size for size, learns in sizes if learns), sum(size for size, _ in sizes))


def lora_layers(network: nn.Module) -> Mapping[str, LoRALayer]:
    """The layers with an update, by name."""
    return {name: module for name, module in network.named_modules() if isinstance(module, LoRALayer)}


def merge(network: nn.Module) -> None:
    """Add every update to the weights beside it: as fast as before, and nothing learns until `unmerge`."""
    for layer in lora_layers(network).values():
        layer.merge()


def unmerge(network: nn.Module) -> None:
    """Take every update out of the weights again."""
    for layer in lora_layers(network).values():
        layer.unmerge()


def fold(network: nn.Module) -> nn.Module:
    """Add every update to the weights for good: the same network, of the layers that it was made of, all learning."""
    for name, layer in lora_layers(network).items():
        layer.merge()
        network.set_submodule(name, layer.base)
    return network.requires_grad_(True)
