"""Adapted networks: the same as before at first, few weights that learn, and peft's numbers."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import torch

from seatrial.errors import SpecError
from seatrial.models.networks.lora.adapt import adapt, fold, lora_layers, merge, unmerge

from ..toy import ids, max_difference, toy
from .published import PUBLISHED, published


def output(model: Any, input_ids: torch.Tensor) -> torch.Tensor:
    extra = {"decoder_input_ids": input_ids} if model.config.is_encoder_decoder else {}
    found = model(input_ids=input_ids, **extra)
    tensor: torch.Tensor = found.logits if "logits" in found else found.last_hidden_state
    return tensor


def learn(network: torch.nn.Module) -> None:
    for layer in lora_layers(network).values():
        torch.nn.init.normal_(layer.lora_B.weight, std=0.2)


@pytest.mark.parametrize("kind", PUBLISHED)
def test_a_published_model_with_our_updates_is_pefts(kind: str) -> None:
    from peft import LoraConfig, get_peft_model

    ours, theirs = published(kind), published(kind)
    theirs.load_state_dict(ours.state_dict())
    input_ids = ids(2, 7)
    before = output(ours, input_ids)
    adapted = adapt(ours, 3, 6.0)
    assert max_difference(output(ours, input_ids), before) < 1e-5
    learn(ours)
    settings = LoraConfig(r=3, lora_alpha=6, target_modules=list(adapted.targets), fan_in_fan_out=kind == "gpt2")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        peft_model = get_peft_model(theirs, settings)
    for name, layer in lora_layers(ours).items():
        twin = peft_model.base_model.model.get_submodule(name)
        twin.lora_A["default"].weight.data.copy_(layer.lora_A.weight)
        twin.lora_B["default"].weight.data.copy_(layer.lora_B.weight)
    peft_model.eval()
    found = output(ours, input_ids)
    assert max_difference(found, before) > 1e-2
    assert max_difference(found, output(peft_model, input_ids)) < 1e-5
    trained, total = peft_model.get_nb_trainable_parameters()
    assert (adapted.trained, adapted.total) == (trained, total)
    merged = peft_model.merge_and_unload().state_dict()
    for name, tensor in fold(ours).state_dict().items():
        assert max_difference(tensor, merged[name]) < 1e-6, name


def test_only_updates_learn_and_the_share_is_said() -> None:
    network = toy()
    adapted = adapt(network, 2, 4.0)
    learning = {name for name, parameter in network.named_parameters() if parameter.requires_grad}
    assert all(".lora_" in name for name in learning)
    assert len(learning) == 2 * 8
    assert adapted.trained == 8 * (24 + 24) * 2
    assert adapted.share == adapted.trained / adapted.total
    assert str(adapted) == f"8 layers learn, 768 of {adapted.total:,} weights ({adapted.share:.2%} of the weights)"


def test_merging_all_layers_and_back() -> None:
    network = toy()
    adapt(network, 2, 4.0, "all-linear")
    learn(network)
    text = ids(1, 6)
    before = network(text)
    merge(network)
    assert max_difference(network(text), before) < 1e-4
    unmerge(network)
    assert max_difference(network(text), before) < 1e-4


def test_a_folded_network_has_its_old_names_and_learns_whole() -> None:
    network = toy()
    names = list(network.state_dict())
    adapt(network, 2, 4.0)
    learn(network)
    text = ids(1, 6)
    before = network(text)
    assert max_difference(fold(network)(text), before) < 1e-4
    assert list(network.state_dict()) == names
    assert all(parameter.requires_grad for parameter in network.parameters())


@pytest.mark.parametrize(
    ("settings", "where"),
    [({"rank": 0}, "rank"), ({"alpha": 0}, "alpha"), ({"dropout": 1.0}, "dropout")],
)
def test_values_out_of_range_are_refused(settings: dict[str, Any], where: str) -> None:
    with pytest.raises(SpecError) as caught:
        adapt(toy(), **{"rank": 2, "alpha": 4.0, **settings})
    assert caught.value.where == where


def test_a_network_is_adapted_once() -> None:
    network = toy()
    adapt(network, 2, 4.0)
    with pytest.raises(SpecError, match="adapted already"):
        adapt(network, 2, 4.0)
