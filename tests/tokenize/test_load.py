"""Texts become ids: cut, never padded, whatever the shipped tokenizer was set to."""

from __future__ import annotations

from pathlib import Path

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from seatrial.errors import ResolveError
from seatrial.tokenize.load import encode, load_tokenizer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A tokenizer that, as all-MiniLM-L6-v2's, ships with padding to a fixed length and a truncation of its own."""
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "bad", "film"]
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.enable_padding(length=16)
    tokenizer.enable_truncation(4)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    return tmp_path


def test_nothing_is_padded_and_order_is_kept(folder: Path) -> None:
    tokenizer = load_tokenizer(folder, 8)
    assert encode(tokenizer, ["good film", "bad", ""]) == [[2, 4, 6, 3], [2, 5, 3], [2, 3]]


def test_long_texts_are_cut_at_our_length_with_special_tokens_kept(folder: Path) -> None:
    assert encode(load_tokenizer(folder, 6), ["good " * 50]) == [[2, 4, 4, 4, 4, 3]]


def test_no_texts_give_no_ids(folder: Path) -> None:
    assert encode(load_tokenizer(folder, 8), []) == []


def test_a_broken_or_missing_file_is_named(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{")
    with pytest.raises(ResolveError, match=r"cannot read .*tokenizer\.json"):
        load_tokenizer(folder, 8)
    with pytest.raises(ResolveError, match=r"no tokenizer\.json"):
        load_tokenizer(folder / "nowhere", 8)
