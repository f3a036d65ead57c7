"""A folder with `config.json` and safetensors → a network of ours.

Exact: a tensor that is missing, has another shape or belongs nowhere is an error, not a network that is a little wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from seatrial.errors import ResolveError
from seatrial.models.hub_layout.base import LAYOUTS, Layout, Place
from seatrial.models.hub_layout.translate import from_theirs
from seatrial.models.networks.assemble import assemble

__all__ = ["load"]


def load(folder: Path) -> nn.Module:
    """The network in `folder`, in evaluation mode, fp32, on the CPU.

    Args:
        folder: holds `config.json` and weights in one or several safetensors files.

    Raises:
        ResolveError: no such files, a kind of network that is not known, or tensors that do not fit `config.json`.
        SpecError: settings that do not fit each other.
    """
    settings = _settings(folder / "config.json")
    kind = settings.get("model_type")
    if kind not in LAYOUTS:
        raise ResolveError(
            f"models of type {kind!r} are not among our networks",
            where=str(folder / "config.json"),
            expected=", ".join(LAYOUTS),
            hint="transformers' own class can still be trained: seatrial run uses it",
        )
    layout = LAYOUTS.get(str(kind))()
    tensors = _tensors(folder)
    config = layout.read_config(settings, _names(tensors, layout))
    with torch.random.fork_rng(devices=[]):  # loading is no reason for others to get other random numbers
        network = assemble(config, fresh=False)
    _fill(network, tensors, layout, folder)
    return network.eval()


def _settings(path: Path) -> Mapping[str, Any]:
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ResolveError(f"cannot read config.json: {error}", where=str(path.parent)) from error
    if not isinstance(settings, dict):
        raise ResolveError("config.json is no JSON object", where=str(path.parent))
    return settings


def _tensors(folder: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    files = sorted(folder.glob("model*.safetensors"))
    if not files:
        raise ResolveError("there are no safetensors weights", where=str(folder), expected="model.safetensors")
    tensors: dict[str, Tensor] = {}
    for file in files:
        try:
            tensors |= load_file(file)
        except (OSError, SafetensorError) as error:
            raise ResolveError(f"cannot read {file.name}: {error}", where=str(folder)) from error
    return tensors


def _names(tensors: Mapping[str, Tensor], layout: Layout) -> set[str]:
    """Names of the tensors, without that of an output layer that is a copy of the table of the embedding."""
    output, table = (_found(Place(name), tensors, layout.prefix) for name in layout.output)
    copied = output is not None and table is not None and torch.equal(tensors[output], tensors[table])
    return set(tensors) - ({output} if copied else set())


@torch.no_grad()
def _fill(network: nn.Module, tensors: Mapping[str, Tensor], layout: Layout, folder: Path) -> None:
    config = network.config
    places = layout.places(config)  # type: ignore[arg-type]
    used = set()
    for our, parameter in network.named_parameters():
        their = _found(places[our], tensors, layout.prefix)
        if their is None:
            raise ResolveError(f"the tensor {places[our].name} is missing", where=str(folder))
        used.add(their)
        tensor = from_theirs(places[our], tensors[their])
        if tensor.shape != parameter.shape:
            raise ResolveError(
                f"the tensor {their} does not fit config.json",
                where=str(folder),
                expected=f"{list(parameter.shape)} for {our}, found {list(tensor.shape)}",
            )
        parameter.copy_(tensor)
    strange = [name for name in tensors if name not in used and not re.search(layout.ignored, name)]
    if strange:
        raise ResolveError(
            f"the tensor {strange[0]} has no place in {type(network).__name__}, nor have {len(strange) - 1} others",
            where=str(folder),
            hint="load it with transformers' own class, or save the body of the model alone",
        )


def _found(place: Place, tensors: Mapping[str, Tensor], prefix: str) -> str | None:
    """The name of their tensor in this file: with the prefix of the body, or without."""
    for name in (place.name, place.name.removeprefix(prefix), prefix + place.name):
        if name in tensors:
            return name
    return None
