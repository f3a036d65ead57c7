"""Adapters as files: what we save peft opens, and what peft saves we open."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch

from seatrial.errors import ResolveError, SpecError
from seatrial.models.adapter_files import load_adapter, save_adapter
from seatrial.models.hub_layout import load_network
from seatrial.models.networks.lora.adapt import adapt, fold, lora_layers
from seatrial.models.quiet import quiet_transformers

from .networks.lora.published import published
from .networks.toy import GPT_LIKE, ids, max_difference, toy


def learn(network: torch.nn.Module) -> None:
    for layer in lora_layers(network).values():
        torch.nn.init.normal_(layer.lora_B.weight, std=0.2)


def opened_by_peft(model: Any, folder: Path) -> Any:
    from peft import PeftModel

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        found = PeftModel.from_pretrained(model, folder)
    return found.eval()


@pytest.fixture
def model_folder(tmp_path: Path) -> Path:
    """A toy Llama as transformers saves it."""
    with quiet_transformers():
        published("llama").save_pretrained(tmp_path / "model")
    return tmp_path / "model"


def llama(folder: Path) -> Any:
    from transformers import LlamaForCausalLM

    with quiet_transformers():
        return LlamaForCausalLM.from_pretrained(folder).eval()


def test_what_our_llama_learned_peft_puts_on_transformers_llama(model_folder: Path, tmp_path: Path) -> None:
    network: Any = load_network(model_folder)
    text = ids(2, 7)
    before = network(text)
    adapt(network, 3, 6.0, "all-linear", dropout=0.1)
    learn(network)
    network.eval()
    save_adapter(network, tmp_path / "adapter", base="toy")
    found = opened_by_peft(llama(model_folder), tmp_path / "adapter")(input_ids=text).logits
    assert max_difference(found, before) > 1e-2
    assert max_difference(found, network(text)) < 1e-4
    settings = json.loads((tmp_path / "adapter" / "adapter_config.json").read_text())
    assert (settings["r"], settings["lora_alpha"], settings["lora_dropout"]) == (3, 6, 0.1)
    assert settings["base_model_name_or_path"] == "toy"
    assert "model.layers.0.self_attn.q_proj" in settings["target_modules"]


@pytest.mark.parametrize("kind", ["gpt2", "bert", "t5"])
def test_a_published_model_with_our_updates_goes_to_peft(kind: str, tmp_path: Path) -> None:
    model, twin = published(kind), published(kind)
    twin.load_state_dict(model.state_dict())
    adapt(model, 2, 3.0)
    learn(model)
    save_adapter(model, tmp_path)
    merged = opened_by_peft(twin, tmp_path).merge_and_unload().state_dict()
    for name, tensor in fold(model).state_dict().items():
        assert max_difference(tensor, merged[name]) < 1e-6, name


def test_what_peft_saved_we_open_on_our_llama_and_on_transformers(model_folder: Path, tmp_path: Path) -> None:
    from peft import LoraConfig, get_peft_model

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        theirs = get_peft_model(
            llama(model_folder), LoraConfig(r=3, lora_alpha=5, target_modules=["q_proj", "up_proj"])
        )
    for name, parameter in theirs.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.2)
    theirs.eval()
    theirs.save_pretrained(tmp_path / "adapter")
    text = ids(2, 7)
    expected = theirs(input_ids=text).logits
    network: Any = load_network(model_folder)
    adapted = load_adapter(network, tmp_path / "adapter")
    assert len(adapted.targets) == 4
    assert max_difference(network.eval()(text), expected) < 1e-4
    model = llama(model_folder)
    load_adapter(model, tmp_path / "adapter")
    assert max_difference(model.eval()(input_ids=text).logits, expected) < 1e-4


@pytest.mark.parametrize("settings", [GPT_LIKE, {"positions": "alibi"}], ids=["like GPT-2", "alibi"])
def test_networks_without_such_names_keep_their_own(settings: dict[str, Any], tmp_path: Path) -> None:
    network = toy(**settings)
    state = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    adapt(network, 2, 4.0)
    learn(network)
    save_adapter(network, tmp_path)
    text = ids(1, 6)
    again = toy(**settings)
    again.load_state_dict(state)
    load_adapter(again, tmp_path)
    assert torch.equal(again(text), network(text))
    plain = toy(**settings)
    plain.load_state_dict(state)
    assert max_difference(opened_by_peft(plain, tmp_path)(text), network(text)) < 1e-5


def test_there_must_be_something_to_save(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="no low-rank updates"):
        save_adapter(toy(), tmp_path)


def test_an_adapter_of_another_network_or_kind_is_refused(tmp_path: Path) -> None:
    network = toy()
    adapt(network, 2, 4.0)
    save_adapter(network, tmp_path, base="runs/mine")
    with pytest.raises(ResolveError, match="no linear layer") as caught:
        load_adapter(toy(**GPT_LIKE), tmp_path)
    assert "runs/mine" in str(caught.value.hint)
    with pytest.raises(ResolveError, match="does not fit"):
        load_adapter(toy(width=32), tmp_path)
    file = tmp_path / "adapter_config.json"
    settings = json.loads(file.read_text())
    for more in ({"use_dora": True}, {"peft_type": "PREFIX_TUNING"}, {"bias": "all"}, {"r": None}):
        file.write_text(json.dumps({**settings, **more}))
        with pytest.raises(ResolveError, match="not low-rank updates alone"):
            load_adapter(toy(), tmp_path)
    file.unlink()
    with pytest.raises(ResolveError, match="cannot read the adapter"):
        load_adapter(toy(), tmp_path)
