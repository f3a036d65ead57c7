"""Tensors by a layout's table: renamed, transposed, cut out of a larger one or joined into it.

Refuses to know files and networks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import torch
from torch import Tensor

from seatrial.models.hub_layout.base import Place

__all__ = ["from_theirs", "to_theirs"]


def from_theirs(place: Place, their: Tensor) -> Tensor:
    """One of our tensors out of the one that holds it."""
    tensor = their.T if place.transposed else their
    return tensor.chunk(place.parts)[place.part] if place.parts > 1 else tensor


def to_theirs(tensors: Mapping[str, Tensor], places: Mapping[str, Place]) -> dict[str, Tensor]:
    """Their tensors out of ours.

    Args:
        tensors: ours by name.
        places: where each of them belongs.
    """
    together: defaultdict[str, list[str]] = defaultdict(list)
    for our, place in places.items():
        together[place.name].append(our)
    found = {}
    for their, ours in together.items():
        parts = [tensors[our] for our in sorted(ours, key=lambda our: places[our].part)]
        tensor = torch.cat(parts) if len(parts) > 1 else parts[0]
        found[their] = (tensor.T if places[ours[0]].transposed else tensor).contiguous()
    return found
