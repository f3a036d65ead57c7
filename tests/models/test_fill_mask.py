"""Hidden words are filled in: by a head that is trained where the checkpoint has none, and only that."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from seatrial.errors import SpecError
from seatrial.models import fill_mask
from seatrial.models.fill_mask import load_filler, train_head
from seatrial.models.quiet import quiet_transformers

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "tea", "ice", "hot", "cold", "is", "the"]
TEXTS = ["the tea is hot", "the ice is cold"]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Threads that wait for each other on a busy machine would make seconds of milliseconds."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def base(folder: Path, *, head: bool = False, mask: str = "[MASK]") -> Path:
    """A BERT of a few thousand weights, with or without the head, as a transformers folder."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertForMaskedLM, BertModel

    torch.manual_seed(1)
    size: dict[str, Any] = {
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 32,
    }
    config = BertConfig(
        vocab_size=len(WORDS), max_position_embeddings=40, pad_token_id=0, initializer_range=0.3, **size
    )
    with quiet_transformers():
        (BertForMaskedLM if head else BertModel)(config).save_pretrained(folder)
    words = [mask if word == "[MASK]" else word for word in WORDS]
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "PreTrainedTokenizerFast"}))
    return folder


def test_a_lacking_head_is_trained_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fill_mask, "LEARNING_RATE", 0.05)  # these texts are soon learned
    monkeypatch.setattr(fill_mask, "BATCH", 4)
    filler = load_filler(base(tmp_path), 20)
    assert filler.lacking
    assert all(name.startswith("cls.") for name in filler.lacking)
    before = {name: p.detach().clone() for name, p in filler.model.named_parameters() if name not in filler.lacking}
    first = train_head(filler, TEXTS, steps=3, seed=1)
    loss = train_head(filler, TEXTS, steps=60, seed=1)
    assert loss < first
    assert all(bool((p == before[name]).all()) for name, p in filler.model.named_parameters() if name in before)
    hot, cold = filler.fill(TEXTS, [[(11, 14)], [(11, 15)]], 9)
    assert len(hot[0]) == len(cold[0]) == 6
    assert dict(hot[0])["hot"] > dict(cold[0])["hot"], "it looks at the rest of the text"
    assert [share for _, share in hot[0]] == sorted((share for _, share in hot[0]), reverse=True)
    assert sum(share for _, share in hot[0]) <= 1.0001
    again = load_filler(tmp_path, 20)
    assert train_head(again, TEXTS, steps=3, seed=1) == pytest.approx(first, rel=1e-3)


def test_gaps_that_cannot_be_filled(tmp_path: Path) -> None:
    filler = load_filler(base(tmp_path, head=True), 5)  # reads three words
    assert filler.lacking == ()
    found = filler.fill(["the tea is hot", "tea", ""], [[(4, 7), (11, 14)], [(0, 2)], []], 2)
    assert [[len(words) for words in gaps] for gaps in found] == [[2, 0], [0], []]
    assert train_head(filler, TEXTS, steps=1, seed=1) != 0  # NaN: there is nothing to train


def test_an_encoder_that_cannot_do_it(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="cannot fill in hidden words"):
        load_filler(base(tmp_path, mask="blank"), 20)
