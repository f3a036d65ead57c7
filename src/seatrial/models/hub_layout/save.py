"""A network of ours → `config.json` and `model.safetensors`, in a layout that transformers opens where there is one."""

from __future__ import annotations

import json
from pathlib import Path

from torch import nn

from seatrial.artifact.atomic import atomic_file, write_text
from seatrial.errors import SpecError
from seatrial.models.hub_layout.base import LAYOUTS, Layout
from seatrial.models.hub_layout.translate import to_theirs
from seatrial.models.networks.config import NetworkConfig

__all__ = ["layout_for", "save"]

PUBLISHED = ("bert", "gpt2", "llama", "mistral", "t5")


def layout_for(config: NetworkConfig) -> tuple[str, Layout]:
    """The first published layout that can hold such a network, or our own, with its name."""
    for name in PUBLISHED:
        layout = LAYOUTS.get(name)()
        if layout.misfit(config) is None:
            return name, layout
    return "seatrial", LAYOUTS.get("seatrial")()


def save(network: nn.Module, folder: Path) -> None:
    """Write the network's two files; others in the folder, such as a tokenizer, stay.

    Args:
        network: of `seatrial.models.networks`.
        folder: made where it is not there.

    Raises:
        SpecError: no network of ours, or one with low-rank updates that are not folded in.
        ArtifactError: the disk is full or forbidden.
    """
    from safetensors.torch import save_file

    config = getattr(network, "config", None)
    if not isinstance(config, NetworkConfig):
        raise SpecError(
            f"{type(network).__name__} is not one of our networks", hint="transformers' models have save_pretrained"
        )
    _, layout = layout_for(config)
    places = layout.places(config)
    ours = {name: parameter.detach() for name, parameter in network.named_parameters()}
    if set(ours) != set(places):
        raise SpecError(
            f"the network has a tensor that its layout does not know: {sorted(set(ours) ^ set(places))[0]}",
            hint="fold(network) makes low-rank updates part of it; save_adapter(…) saves them alone",
        )
    with atomic_file(folder / "model.safetensors") as temporary:
        save_file(to_theirs(ours, places), temporary, metadata={"format": "pt"})
    dtype = str(next(iter(ours.values())).dtype).removeprefix("torch.")
    settings = {**layout.write_config(config), "dtype": dtype}
    write_text(folder / "config.json", json.dumps(settings, indent=2) + "\n")
