from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seatrial.errors import ArtifactError
from seatrial.export.decoder_graph import PRECISIONS, Precision, Rounding, decoder_graph, write_decoder
from seatrial.export.decoder_weights import read_decoder
from seatrial.generate.engines.onnx import OnnxEngine

from .toy_decoder import save_toy_decoder

TOKENS = [5, 9, 77, 30, 1, 64, 5, 9, 2, 90, 33, 12]


def reference(folder: Path, token_ids: list[int]) -> np.ndarray:
    """Logits [T, V] of transformers."""
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager").eval()
    with torch.inference_mode():
        logits: np.ndarray = model(torch.tensor([token_ids])).logits[0].numpy()
    return logits


def ours(folder: Path, out: Path, precision: str, token_ids: list[int]) -> np.ndarray:
    file = write_decoder(read_decoder(folder), out, PRECISIONS[precision])
    return OnnxEngine(file, slots=1, threads=1).prefill(0, token_ids, last=len(token_ids))


@pytest.mark.parametrize(
    ("family", "changes"),
    [
        ("llama", {"tie_word_embeddings": True}),
        ("llama", {"tie_word_embeddings": False, "attention_bias": True, "num_key_value_heads": 4}),
        (
            "llama",
            {
                "num_key_value_heads": 1,
                "rms_norm_eps": 1e-3,
                "rope_parameters": {"rope_type": "default", "rope_theta": 7.0},
            },
        ),
        ("mistral", {"sliding_window": 5}),
        ("qwen2", {"tie_word_embeddings": True}),
    ],
)
def test_the_graph_computes_what_transformers_computes(family: str, changes: dict[str, Any], tmp_path: Path) -> None:
    folder = save_toy_decoder(tmp_path / "model", family, **changes)
    expected = reference(folder, TOKENS)
    found = ours(folder, tmp_path / "fp32", "fp32", TOKENS)
    assert np.abs(expected).max() > 1
    np.testing.assert_allclose(found, expected, atol=1e-4)


@pytest.mark.parametrize(("tied", "width"), [(True, 48), (False, 64)])
def test_rounded_graphs_stay_near_their_source(tied: bool, width: int, tmp_path: Path) -> None:
    """Also where the width is no multiple of a block."""
    folder = save_toy_decoder(tmp_path / "model", tie_word_embeddings=tied, hidden_size=width)
    expected = reference(folder, TOKENS)
    spread = expected.std()
    error = {
        name: np.abs(ours(folder, tmp_path / name, name, TOKENS) - expected).mean() / spread for name in PRECISIONS
    }
    assert error["fp32"] < 1e-4 < error["int8"] < 0.05
    assert error["int8"] < error["int4"] < 0.3


def test_only_the_rows_asked_for_are_given(tmp_path: Path) -> None:
    folder = save_toy_decoder(tmp_path / "model")
    file = write_decoder(read_decoder(folder), tmp_path / "out", PRECISIONS["fp32"])
    engine = OnnxEngine(file, slots=1, threads=1)
    every = engine.prefill(0, TOKENS, last=len(TOKENS)).copy()
    engine.trim(0, 0)
    assert engine.prefill(0, TOKENS[:5], last=0).shape == (0, 96)
    np.testing.assert_allclose(engine.prefill(0, TOKENS[5:], last=2), every[-2:], atol=1e-4)


def test_four_bit_tables_are_a_mistake(tmp_path: Path) -> None:
    weights = read_decoder(save_toy_decoder(tmp_path / "model"))
    with pytest.raises(ValueError, match="8 bits"):
        decoder_graph(weights, Precision(None, None, Rounding(4, 32)))


@pytest.mark.parametrize(
    ("family", "changes", "said"),
    [
        ("gpt2", {}, "gpt2"),
        ("llama", {"hidden_act": "gelu"}, "gelu"),
        ("llama", {"rope_parameters": {"rope_type": "dynamic", "factor": 2.0}}, "dynamic"),
    ],
)
def test_other_functions_are_refused(family: str, changes: dict[str, Any], said: str, tmp_path: Path) -> None:
    folder = save_toy_decoder(tmp_path / "model", family, **changes)
    with pytest.raises(ArtifactError, match=said):
        read_decoder(folder)


def test_heads_that_onnxruntime_does_not_take_are_refused(tmp_path: Path) -> None:
    weights = read_decoder(save_toy_decoder(tmp_path / "model", head_dim=24))
    with pytest.raises(ArtifactError, match="24 values"):
        decoder_graph(weights, PRECISIONS["fp32"])


def test_folders_without_a_model_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="configuration"):
        read_decoder(tmp_path)
    folder = save_toy_decoder(tmp_path / "model")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(ArtifactError, match="cannot be read"):
        read_decoder(folder)
    weights.unlink()
    with pytest.raises(ArtifactError, match="no weights"):
        read_decoder(folder)
