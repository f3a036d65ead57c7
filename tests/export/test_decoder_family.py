"""What the configuration says is what reading and writing the model then say, and no more is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from seatrial.errors import ArtifactError
from seatrial.export.decoder_family import graph_misfit, network_misfit
from seatrial.export.decoder_graph import PRECISIONS, decoder_graph
from seatrial.export.decoder_weights import read_decoder
from seatrial.models.fresh import network_config
from seatrial.models.hub_layout.save import layout_for
from seatrial.spec.language import NetworkSpec

from .toy_decoder import save_toy_decoder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_toy_decoder(tmp_path_factory.mktemp("toy"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, None),
        ({"model_type": "gpt2"}, "family 'gpt2'"),
        ({"hidden_act": "gelu"}, "activation is 'gelu'"),
        ({"quantization_config": {}}, "stored quantised"),
        ({"rope_parameters": {"rope_type": "yarn", "factor": 2.0}}, "'yarn'"),
        ({"head_dim": 12}, "heads have 12 values"),
    ],
)
def test_a_model_is_refused_by_its_configuration(
    changes: dict[str, Any], said: str | None, folder: Path, tmp_path: Path
) -> None:
    config = {**json.loads((folder / "config.json").read_text(encoding="utf-8")), **changes}
    misfit = graph_misfit(config)
    assert misfit is None if said is None else misfit is not None and said in misfit
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (tmp_path / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes())
    if said is None:
        decoder_graph(read_decoder(tmp_path), PRECISIONS["fp32"])
    elif "heads" not in said:  # weights of that width there are none
        with pytest.raises(ArtifactError, match=said.replace("'", ".")):
            read_decoder(tmp_path)


@pytest.mark.parametrize(
    ("given", "fits"),
    [
        ({"width": 64, "heads": 4}, True),
        ({"width": 64, "heads": 8}, False),
        ({"head_width": 48}, True),
        ({"positions": "learned"}, False),
        ({"positions": "rotary", "norm": "rms-norm", "gated": True}, True),
        ({"norm": "layer-norm"}, False),
        ({"norm_place": "post"}, False),
        ({"activation": "gelu"}, False),
        ({"gated": False}, False),
        ({"attention_bias": True, "feed_forward_bias": True}, True),
        ({"sliding_window": 16}, True),
        ({"sliding_window": 16, "attention_bias": True}, False),
        ({"tied": False, "key_value_heads": 2}, True),
    ],
)
def test_a_network_to_be_made_is_told_by_its_section(given: dict[str, Any], fits: bool) -> None:
    """The section alone says the same as the layout that the made network is written in."""
    spec = NetworkSpec(**given)
    config = network_config(spec, "decoder", vocabulary=300, max_length=64, ids={})
    _, layout = layout_for(config)
    assert (network_misfit(spec) is None) == fits == (graph_misfit(layout.write_config(config)) is None)
