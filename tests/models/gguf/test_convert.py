"""A GGUF file becomes a folder that our networks and transformers open, with the numbers of the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from seatrial.errors import ResolveError
from seatrial.models.gguf import gguf_to_hub
from seatrial.models.hub_layout import load_network
from seatrial.models.quiet import quiet_transformers
from seatrial.reference import resolve_model

from ..networks.toy import max_difference
from .toy import TOKENS, write_gguf


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write_gguf(tmp_path / "toy.gguf")
    return tmp_path / "toy.gguf"


def test_three_readers_give_the_same_logits(file: Path, tmp_path: Path) -> None:
    from transformers import LlamaForCausalLM

    gguf_to_hub(file, tmp_path / "folder")
    network: Any = load_network(tmp_path / "folder")
    with quiet_transformers():
        from_folder: Any = LlamaForCausalLM.from_pretrained(tmp_path / "folder")
        from_file: Any = LlamaForCausalLM.from_pretrained(tmp_path, gguf_file=file.name)
    text = torch.randint(len(TOKENS), (2, 9))
    found = network(text)
    assert max_difference(found, from_folder(input_ids=text).logits) <= 1e-4
    assert max_difference(found, from_file(input_ids=text).logits) <= 1e-4


def test_transformers_opens_the_tokenizer_with_its_template(file: Path, tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    gguf_to_hub(file, tmp_path / "folder")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "folder")
    assert tokenizer.tokenize("abc ab12") == ["abc", "Ġab", "1", "2"]
    assert tokenizer.eos_token == "<|end|>"
    chat = tokenizer.apply_chat_template([{"role": "user", "content": "abc"}], tokenize=False)
    assert chat == "<|start|>abc<|end|>"


def test_nothing_is_left_of_a_conversion_that_failed(tmp_path: Path) -> None:
    write_gguf(tmp_path / "toy.gguf", **{"tokenizer.ggml.pre": "qwen2"})
    with pytest.raises(ResolveError, match="'qwen2'"):
        gguf_to_hub(tmp_path / "toy.gguf", tmp_path / "cache" / "folder")
    assert [path.name for path in tmp_path.rglob("*")] == ["toy.gguf"]


def test_a_reference_to_a_file_is_converted_once(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = resolve_model("toy.gguf", revision=None, root=tmp_path)
    assert folder.is_relative_to(tmp_path / "cache" / "seatrial")
    written = (folder / "model.safetensors").stat().st_mtime_ns
    assert resolve_model(str(file), revision=None, root=Path("elsewhere")) == folder
    assert (folder / "model.safetensors").stat().st_mtime_ns == written
    file.write_bytes(file.read_bytes() + b"0")
    assert resolve_model("toy.gguf", revision=None, root=tmp_path) != folder
