"""Networks of ours ↔ folders as transformers writes them: `config.json` and `model.safetensors`.

    base        what a layout promises: our configuration ↔ theirs, our tensors ↔ theirs
    bert, gpt2, llama, t5       one published layout each
    own         for networks that no published layout can hold; transformers does not open it
    translate   tensors by the layout's table: renamed, transposed, cut and joined
    load, save  the two functions below

Folder → network in evaluation mode, fp32, on the CPU; network → folder. Nothing here loads torch before it is called.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.models.hub_layout.base import LAYOUTS, Layout

if TYPE_CHECKING:
    from torch import nn

__all__ = ["LAYOUTS", "Layout", "load_network", "save_network"]


def load_network(folder: Path) -> nn.Module:
    """The network in `folder`, as one of `seatrial.models.networks`; see `hub_layout.load`."""
    from seatrial.models.hub_layout.load import load

    return load(folder)


def save_network(network: nn.Module, folder: Path) -> None:
    """Write `network` to `folder`, in a published layout if one can hold it; see `hub_layout.save`."""
    from seatrial.models.hub_layout.save import save

    save(network, folder)
