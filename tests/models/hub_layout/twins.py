"""A published model and our network with the same weights: their numbers and their gradients side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from seatrial.models.hub_layout import load_network, save_network
from seatrial.models.hub_layout.save import layout_for
from seatrial.models.hub_layout.translate import from_theirs
from seatrial.models.quiet import quiet_transformers

from ..networks.toy import max_difference

__all__ = ["TOLERANCE", "assert_same_gradients", "ours_of", "saved_and_opened", "theirs_of"]

TOLERANCE = 1e-4
"""Largest difference between two logits, fp32."""


def ours_of(theirs: Any, folder: Path) -> torch.nn.Module:
    """What transformers saves, opened as one of our networks."""
    with quiet_transformers():
        theirs.save_pretrained(folder)
    return load_network(folder)


def theirs_of(model_class: Any, folder: Path) -> Any:
    """What lies in `folder`, opened by transformers: every weight must be found there, and none be left over."""
    with quiet_transformers():
        model, told = model_class.from_pretrained(folder, output_loading_info=True)
    assert not told["missing_keys"]
    assert not told["unexpected_keys"]
    return model.eval()


def saved_and_opened(network: torch.nn.Module, model_class: Any, folder: Path) -> Any:
    """What we save, opened by transformers."""
    save_network(network, folder)
    return theirs_of(model_class, folder)


def assert_same_gradients(ours: torch.nn.Module, theirs: Any, our_y: torch.Tensor, their_y: torch.Tensor) -> None:
    """Gradients of one and the same loss, for every weight."""
    downstream = torch.randn_like(our_y)
    (our_y * downstream).mean().backward()
    (their_y * downstream).mean().backward()
    config: Any = ours.config
    layout = layout_for(config)[1]
    gradients = {name: parameter.grad for name, parameter in theirs.named_parameters()}
    compared = 0
    for name, parameter in ours.named_parameters():
        place = layout.places(config)[name]
        gradient = gradients.get(place.name, gradients.get(place.name.removeprefix(layout.prefix)))
        if parameter.grad is None:
            assert gradient is None, name
            continue
        assert gradient is not None, name
        assert max_difference(parameter.grad, from_theirs(place, gradient)) <= TOLERANCE, name
        compared += 1
    assert compared > 10
