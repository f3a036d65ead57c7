from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from seatrial.errors import ArtifactError
from seatrial.export.rotary_tables import rotary_tables

LLAMA3 = {
    "rope_type": "llama3",
    "rope_theta": 500_000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}


@pytest.mark.parametrize(
    "parameters",
    [
        {"rope_type": "default", "rope_theta": 10_000.0},
        {"rope_type": "linear", "rope_theta": 10_000.0, "factor": 4.0},
        LLAMA3,
    ],
    ids=lambda parameters: parameters["rope_type"],
)
def test_tables_are_those_of_transformers(parameters: dict[str, Any]) -> None:
    import torch
    from transformers import LlamaConfig
    from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

    config = LlamaConfig(
        hidden_size=64, num_attention_heads=2, max_position_embeddings=512, rope_parameters=dict(parameters)
    )
    cos, sin = LlamaRotaryEmbedding(config)(torch.zeros(1), torch.arange(512)[None])
    cosines, sines = rotary_tables({"rope_parameters": parameters}, 32, 512, where="config.json")
    np.testing.assert_allclose(cosines, cos[0, :, :16].numpy(), atol=2e-5)
    np.testing.assert_allclose(sines, sin[0, :, :16].numpy(), atol=2e-5)


def test_older_configurations_mean_the_same() -> None:
    old = rotary_tables({"rope_theta": 5.0, "rope_scaling": {"type": "linear", "factor": 2.0}}, 8, 9, where="")
    new = rotary_tables({"rope_parameters": {"rope_type": "linear", "factor": 2.0, "rope_theta": 5.0}}, 8, 9, where="")
    np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("parameters", [{"rope_type": "yarn"}, {"partial_rotary_factor": 0.5}])
def test_other_ways_are_refused(parameters: dict[str, Any]) -> None:
    with pytest.raises(ArtifactError, match="rotary positions"):
        rotary_tables({"rope_parameters": parameters}, 8, 9, where="config.json")
