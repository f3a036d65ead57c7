"""The tokenizer out of a GGUF file: byte-level BPE with digits apart, marks that stay whole, and its settings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from seatrial.errors import ResolveError
from seatrial.models.gguf import GgufTokenizer, read_gguf
from seatrial.models.gguf.tokenizer import build_tokenizer, tokenizer_settings

from .toy import TEMPLATE, write_gguf


@pytest.fixture
def data(tmp_path: Path) -> GgufTokenizer:
    write_gguf(tmp_path / "toy.gguf")
    return read_gguf(tmp_path / "toy.gguf").tokenizer


def test_texts_become_tokens_and_texts_again(data: GgufTokenizer) -> None:
    tokenizer = build_tokenizer(data)
    text = "<|start|>abc ab12<think>b<|end|>"
    encoded = tokenizer.encode(text)
    assert encoded.tokens == ["<|start|>", "abc", "Ġab", "1", "2", "<think>", "b", "<|end|>"]
    assert tokenizer.decode(encoded.ids, skip_special_tokens=False) == text
    assert tokenizer.decode(encoded.ids) == "abc ab12<think>b"


def test_a_text_begins_with_bos_where_the_file_says_so(data: GgufTokenizer) -> None:
    tokenizer = build_tokenizer(replace(data, adds_bos=True))
    assert tokenizer.encode("ab").tokens == ["<|start|>", "ab"]


def test_a_splitting_that_is_not_known_is_refused(data: GgufTokenizer) -> None:
    for changed in (replace(data, splitting="qwen2"), replace(data, model="llama")):
        with pytest.raises(ResolveError, match="are not known"):
            build_tokenizer(changed)


def test_settings_name_the_marks(data: GgufTokenizer) -> None:
    settings = tokenizer_settings(data, 48)
    assert settings["chat_template"] == TEMPLATE
    assert (settings["bos_token"], settings["eos_token"], settings["model_max_length"]) == ("<|start|>", "<|end|>", 48)
    assert "pad_token" not in settings
