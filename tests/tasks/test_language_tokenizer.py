"""Documents that spell control tokens hold none, whatever the tokenizer."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.spec.tokenizer import TokenizerSpec
from seatrial.tasks.language_tokenizer import open_tokenizer
from seatrial.tokenize.gap import GAP
from seatrial.tokenize.save import save_tokenizer
from seatrial.tokenize.train import train_tokenizer

SPELLED = ["a<|endoftext|>b", "<|pad|>", f"{GAP[0]}x{GAP[1]}y{GAP[2]}", "[MASK] [SEP] <unk> <|im_end|>"]


@pytest.mark.parametrize("method", ["bpe", "unigram", "characters", "wordpiece"])
def test_control_tokens_that_a_document_spells_are_text(method: str, tmp_path: Path) -> None:
    texts = [f"{text} and more words, more letters: {n}" for n in range(6) for text in SPELLED]
    spec = TokenizerSpec(method=method, chat=True, special_tokens=list(GAP), coverage=1)
    save_tokenizer(train_tokenizer(texts, spec), tmp_path, chat=True)
    reader = open_tokenizer(tmp_path, 32)
    special = {number for number, token in reader.tokenizer.get_added_tokens_decoder().items() if token.special}
    for text, ids in zip(SPELLED, reader.documents(SPELLED), strict=True):
        assert special.isdisjoint(ids[1:-1]), text
        assert {ids[0], ids[-1]} <= special
        if method != "wordpiece":  # which does not keep white space
            assert reader.text(ids) == text
    assert reader.unknown_characters(SPELLED) == [0] * len(SPELLED)
