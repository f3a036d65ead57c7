"""What is written opens in transformers and here, and reads texts the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seatrial.spec.tokenizer import TokenizerSpec
from seatrial.tokenize.chat_template import ChatTemplate
from seatrial.tokenize.load import load_tokenizer
from seatrial.tokenize.save import save_tokenizer
from seatrial.tokenize.train import train_tokenizer

from .corpus import MIXED


@pytest.mark.parametrize("method", ["bpe", "unigram", "wordpiece", "characters"])
def test_transformers_reads_the_same(method: str, tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = train_tokenizer(MIXED, TokenizerSpec(method=method, chat=method == "bpe"))
    save_tokenizer(tokenizer, tmp_path, chat=method == "bpe", max_length=77)
    theirs = AutoTokenizer.from_pretrained(tmp_path)
    ours = load_tokenizer(tmp_path, None)
    for text in MIXED:
        assert theirs(text)["input_ids"] == ours.encode(text).ids == tokenizer.encode(text).ids
    assert theirs.model_max_length == 77
    assert theirs.pad_token == ("[PAD]" if method == "wordpiece" else "<|pad|>")
    if method == "bpe":
        messages = [{"role": "user", "content": "Hi"}]
        parts = ChatTemplate.of_folder(tmp_path).parts(messages, add_generation_prompt=True)
        shown = theirs.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
        assert "".join(part.text for part in parts) == shown
        assert theirs.eos_token == "<|im_end|>"


def test_roles_of_special_tokens(tmp_path: Path) -> None:
    save_tokenizer(train_tokenizer(MIXED, TokenizerSpec(method="wordpiece")), tmp_path)
    config = json.loads((tmp_path / "tokenizer_config.json").read_text())
    assert {config[f"{role}_token"] for role in ("pad", "unk", "cls", "sep", "mask")} == {
        *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
    }
    assert "chat_template" not in config
