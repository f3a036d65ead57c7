"""A base of another kind than the task learns with is refused by its configuration alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from seatrial.errors import SpecError
from seatrial.pipeline.base_model import check_base
from seatrial.spec.load import parse_spec

from ..test_reference import WEIGHTS

LLAMA = {"model_type": "llama", "architectures": ["LlamaForCausalLM"]}
BERT = {"model_type": "bert", "architectures": ["BertForMaskedLM"]}
T5 = {"model_type": "t5", "is_encoder_decoder": True}


def checked(root: Path, config: dict[str, Any], task: str) -> Path:
    folder = root / "base"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "tokenizer.json").write_text("{}", encoding="utf-8")
    (folder / "model.safetensors").write_bytes(WEIGHTS)
    tree = {
        "name": "x",
        "task": task,
        "data": {"sources": [{"name": "rows", "path": "rows.jsonl"}]},
        "model": {"base": "base"},
        "requirements": [{"metric": "size_mb", "at_most": 1}],
    }
    return check_base(parse_spec(tree, "test"), root)


@pytest.mark.parametrize(
    ("config", "task"),
    [
        (BERT, "text-classification"),
        (BERT, "token-classification"),
        (BERT, "masked-lm"),
        (LLAMA, "causal-lm"),
        (T5, "seq2seq"),
        ({"model_type": "unheard-of"}, "text-classification"),
    ],
)
def test_the_folder_of_a_base_that_fits(config: dict[str, Any], task: str, tmp_path: Path) -> None:
    assert checked(tmp_path, config, task) == tmp_path / "base"


@pytest.mark.parametrize(
    ("config", "task", "message"),
    [
        (LLAMA, "text-classification", "base is a decoder, and the task text-classification learns with an encoder"),
        (LLAMA, "token-classification", "is a decoder"),
        (LLAMA, "masked-lm", "is a decoder"),
        (BERT, "causal-lm", "base is an encoder, and the task causal-lm learns with a decoder"),
        (T5, "causal-lm", "is an encoder-decoder"),
        (BERT, "seq2seq", "learns with an encoder-decoder"),
    ],
)
def test_one_that_does_not(config: dict[str, Any], task: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=message) as caught:
        checked(tmp_path, config, task)
    assert caught.value.where == "model.base"
    assert caught.value.hint is not None
