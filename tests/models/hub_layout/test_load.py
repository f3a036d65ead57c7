"""Loading is exact: what is missing, misshapen or left over is named, and nobody's random numbers change."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from seatrial.errors import ResolveError, SpecError
from seatrial.models.hub_layout import load_network, save_network

from ..networks.toy import ids, toy, toy_config


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_network(toy(), tmp_path)
    return tmp_path


def change_tensors(folder: Path, **changes: Any) -> None:
    tensors = load_file(folder / "model.safetensors")
    for name, tensor in changes.items():
        tensors[name] = tensor
    save_file({name: tensor for name, tensor in tensors.items() if tensor is not None}, folder / "model.safetensors")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model.norm.weight": None}, "model.norm.weight is missing"),
        ({"model.norm.weight": torch.ones(3)}, "model.norm.weight does not fit"),
        ({"score.weight": torch.ones(3)}, "score.weight has no place in Decoder"),
    ],
)
def test_tensors_that_do_not_fit_are_named(changes: dict[str, Any], said: str, folder: Path) -> None:
    change_tensors(folder, **changes)
    with pytest.raises(ResolveError, match=said):
        load_network(folder)


def test_weights_in_several_files(folder: Path) -> None:
    expected = load_network(folder)
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    for number, name in enumerate(tensors):
        save_file({name: tensors[name]}, folder / f"model-{number:05}.safetensors")
    text = ids(1, 5)
    assert torch.equal(load_network(folder)(text), expected(text))


def test_half_precision_is_read_as_fp32(folder: Path) -> None:
    change_tensors(folder, **{"model.norm.weight": torch.ones(24, dtype=torch.bfloat16)})
    network: Any = load_network(folder)
    assert network.stack.last_norm.weight.dtype == torch.float32


def test_other_models_and_broken_files_are_refused(folder: Path) -> None:
    settings = json.loads((folder / "config.json").read_text())
    for text, said in (
        (json.dumps({**settings, "model_type": "mamba"}), "type 'mamba'"),
        ("{", "cannot read config.json"),
        ("[]", "no JSON object"),
    ):
        (folder / "config.json").write_text(text)
        with pytest.raises(ResolveError, match=said):
            load_network(folder)
    for network in ({"width": 24}, {"kind": "decoder", "wide": True}, {**asdict(toy_config()), "width": "24"}, None):
        (folder / "config.json").write_text(json.dumps({"model_type": "seatrial", "network": network}))
        with pytest.raises(ResolveError, match="not settings of a network"):
            load_network(folder)
    (folder / "config.json").write_text(json.dumps({**settings, "num_attention_heads": 5}))
    with pytest.raises(SpecError):
        load_network(folder)
    (folder / "config.json").write_text(json.dumps(settings))
    (folder / "model.safetensors").write_bytes(b"0")
    with pytest.raises(ResolveError, match=r"model\.safetensors"):
        load_network(folder)
    (folder / "model.safetensors").unlink()
    with pytest.raises(ResolveError, match="no safetensors"):
        load_network(folder)


def test_loading_draws_no_random_numbers(folder: Path) -> None:
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    load_network(folder)
    assert torch.equal(torch.rand(3), expected)
