"""Low-rank updates alone, as peft keeps them: `adapter_config.json` and `adapter_model.safetensors`, a few megabytes.

Layers are named as in the published layout of the network, so that an update that was learned on our Llama is opened by
peft on transformers' Llama. Two cases keep the names of the network at hand, and peft opens them on that: networks
without a published layout, and GPT-2, which holds as one layer what are three of ours.

This module imports torch when it is imported; import it where it is used.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from seatrial.artifact.atomic import atomic_file, write_text
from seatrial.errors import ResolveError, SpecError
from seatrial.models.hub_layout.save import layout_for
from seatrial.models.networks.config import NetworkConfig
from seatrial.models.networks.lora.adapt import Adapted, adapt, lora_layers
from seatrial.models.networks.lora.layer import is_transposed

__all__ = ["load_adapter", "save_adapter"]

WEIGHTS, SETTINGS = "adapter_model.safetensors", "adapter_config.json"
PREFIX = "base_model.model."
BEYOND = ("use_dora", "use_rslora", "modules_to_save", "rank_pattern", "alpha_pattern", "layer_replication")
"""Settings of peft that mean more than A and B; refused unless they are empty or false."""


def save_adapter(network: nn.Module, folder: Path, *, base: str | None = None) -> None:
    """Write the updates of an adapted network.

    Args:
        network: as `adapt` left it, or trained since.
        folder: made where it is not there.
        base: reference of the model that was adapted, for whoever finds the folder.

    Raises:
        SpecError: the network has no updates, or some with different ranks.
        ArtifactError: the disk is full or forbidden.
    """
    from safetensors.torch import save_file

    layers = lora_layers(network)
    forms = {(layer.rank, layer.alpha, layer.dropout.p) for layer in layers.values()}
    if len(forms) != 1:
        found = "no low-rank updates" if not forms else "low-rank updates of several forms"
        raise SpecError(f"the network has {found}", expected="updates of one rank", hint="call adapt(…) once")
    rank, alpha, dropout = forms.pop()
    names = _their_names(network, set(layers))
    tensors = {}
    for name, layer in layers.items():
        for letter, matrix in (("A", layer.lora_A), ("B", layer.lora_B)):
            tensors[f"{PREFIX}{names[name]}.lora_{letter}.weight"] = matrix.weight.detach().contiguous()
    settings = {
        "peft_type": "LORA",
        "base_model_name_or_path": base,
        "r": rank,
        "lora_alpha": int(alpha) if float(alpha).is_integer() else alpha,
        "lora_dropout": dropout,
        "target_modules": sorted(names.values()),
        "fan_in_fan_out": any(is_transposed(layer.base) for layer in layers.values()),
        "bias": "none",
        "task_type": None,
        "inference_mode": True,
    }
    with atomic_file(folder / WEIGHTS) as temporary:
        save_file(tensors, temporary, metadata={"format": "pt"})
    write_text(folder / SETTINGS, json.dumps(settings, indent=2) + "\n")


@torch.no_grad()
def load_adapter(network: nn.Module, folder: Path) -> Adapted:
    """Put saved updates into a network that has none; ours or peft's.

    Args:
        network: what was adapted before, ours or transformers'.
        folder: holds the two files.

    Raises:
        ResolveError: no such files, an adapter of another kind, or one of another network.
        SpecError: the network is adapted already.
    """
    settings, tensors = _read(folder)
    theirs = {key.removeprefix(PREFIX).rpartition(".lora_")[0] for key in tensors}
    modules = dict(network.named_modules())
    linear = {name for name, module in modules.items() if isinstance(module, nn.Linear) or is_transposed(module)}
    names = {their: our for our, their in _their_names(network, linear).items()}
    strange = sorted(their for their in theirs if their not in names and their not in linear)
    if strange:
        raise ResolveError(
            f"{type(network).__name__} has no linear layer {strange[0]}",
            where=str(folder),
            hint=f"load the network that was adapted: {settings.get('base_model_name_or_path') or 'it is not named'}",
        )
    targets = [names.get(their, their) for their in sorted(theirs)]
    adapted = adapt(network, settings["r"], settings["lora_alpha"], targets, dropout=settings.get("lora_dropout", 0.0))
    for name, layer in lora_layers(network).items():
        their = next(one for one in theirs if names.get(one, one) == name)
        for letter, matrix in (("A", layer.lora_A), ("B", layer.lora_B)):
            tensor = tensors.get(f"{PREFIX}{their}.lora_{letter}.weight")
            if tensor is None or tensor.shape != matrix.weight.shape:
                raise ResolveError(
                    f"matrix {letter} of {their} does not fit",
                    where=str(folder / WEIGHTS),
                    expected=f"{list(matrix.weight.shape)}, found {None if tensor is None else list(tensor.shape)}",
                )
            matrix.weight.copy_(tensor)
    return adapted


def _read(folder: Path) -> tuple[Mapping[str, Any], Mapping[str, Tensor]]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        settings = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        tensors = load_file(folder / WEIGHTS)
    except (OSError, ValueError, SafetensorError) as error:
        raise ResolveError(f"cannot read the adapter: {error}", where=str(folder)) from error
    more = [key for key in BEYOND if settings.get(key)]
    more += [f"no {key}" for key in ("r", "lora_alpha") if not isinstance(settings.get(key), int | float)]
    if settings.get("bias", "none") != "none":
        more.append("bias")
    if settings.get("peft_type") != "LORA" or more:
        raise ResolveError(
            f"the adapter is not low-rank updates alone: {', '.join(more) or settings.get('peft_type')}",
            where=str(folder / SETTINGS),
            expected="peft_type LORA with matrices A and B alone",
            hint="open it with peft",
        )
    return settings, tensors


def _their_names(network: nn.Module, layers: set[str]) -> dict[str, str]:
    """Each layer's name in the published layout of the network, or its own where one of them has none there."""
    config = getattr(network, "config", None)
    if isinstance(config, NetworkConfig):
        places = layout_for(config)[1].places(config)
        theirs = {
            our.removesuffix(".weight"): place.name.removesuffix(".weight")
            for our, place in places.items()
            if place.parts == 1 and not place.transposed
        }
        if all(name in theirs for name in layers if ".blocks." in name):
            return {name: theirs[name] for name in layers if name in theirs}
    return {name: name for name in layers}
