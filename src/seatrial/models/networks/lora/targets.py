"""Which layers of a network get an update, found by what the network says about itself.

Blocks of every transformer stand in a `ModuleList`, and attention is called attention in its class. So the same two
rules find query, key, value and output in networks of this room, in BERT and its kin, in GPT-2 (whose layers are
Conv1D), in Llama and in T5, without a table of architectures. What is outside the blocks, embeddings and heads, is
never chosen by itself.

Source: Hu et al. 2021, "LoRA", §4.2, adapts attention; Dettmers et al. 2023, "QLoRA", §4, every linear layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from torch import nn

from seatrial.errors import SpecError
from seatrial.models.networks.lora.layer import is_transposed
from seatrial.registry import did_you_mean

__all__ = ["find_targets"]

ATTENTION, ALL_LINEAR = "attention", "all-linear"


def find_targets(network: nn.Module, targets: str | Sequence[str] | None = None) -> tuple[str, ...]:
    """Names of the linear layers to adapt, in the network's order.

    Args:
        network: of this room, or one of transformers'.
        targets: None or ``"attention"``: the projections of attention; ``"all-linear"``: every linear layer of the
            blocks; or names of layers, whole (``"stack.blocks.0.attention.query"``) or their last parts
            (``"q_proj"``).

    Raises:
        SpecError: nothing found, or a name that no linear layer has.
    """
    if targets is None or targets == ATTENTION:
        found = [name for name, classes in _in_blocks(network) if any("attention" in kind for kind in classes)]
    elif targets == ALL_LINEAR:
        found = [name for name, _ in _in_blocks(network)]
    else:
        found = _named(network, [targets] if isinstance(targets, str) else targets)
    if not found:
        raise SpecError(
            f"{type(network).__name__} has no linear layer within attention in its blocks",
            where="targets",
            expected="a transformer",
            hint="name the layers to adapt",
        )
    return tuple(found)


def _linear(module: nn.Module) -> bool:
    return isinstance(module, nn.Linear) or is_transposed(module)


def _in_blocks(network: nn.Module) -> Iterator[tuple[str, list[str]]]:
    """Linear layers within a `ModuleList`: their names, and the lower-case class names of what they are within."""
    modules = dict(network.named_modules())
    for name, module in modules.items():
        if not _linear(module):
            continue
        parts = name.split(".")
        around = [modules[".".join(parts[:depth])] for depth in range(1, len(parts))]
        if any(isinstance(one, nn.ModuleList) for one in around):
            yield name, [type(one).__name__.lower() for one in around]


def _named(network: nn.Module, wanted: Sequence[str]) -> list[str]:
    names = [name for name, module in network.named_modules() if _linear(module)]
    for one in wanted:
        if not any(_ends(name, one) for name in names):
            known = sorted({name.rpartition(".")[2] for name in names})
            raise SpecError(
                f"no linear layer of {type(network).__name__} is called {one!r}",
                where="targets",
                hint=did_you_mean(one, known),
            )
    return [name for name in names if any(_ends(name, one) for one in wanted)]


def _ends(name: str, part: str) -> bool:
    return name == part or name.endswith(f".{part}")
