"""Grown models open in transformers, say the same of old tokens, and begin new ones as the mean of their spelling."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from seatrial.errors import ResolveError
from seatrial.models.embedding_rows import spelled_rows
from seatrial.models.more_tokens import with_more_tokens
from seatrial.spec.tokenizer import TokenizerSpec
from seatrial.tokenize.save import save_tokenizer
from seatrial.tokenize.train import train_tokenizer

OLD = ["the cat sat on the mat, and the dog sat on the log. "] * 5
NEW = ["tokens of molecules: tokens, molecules 分子分子"] * 6


def base(folder: Path, kind: str, *, tied: bool = True) -> Path:
    """A toy language model of this architecture with a tokenizer that it could have."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForMaskedLM

    method = {"bert": "wordpiece", "llama": "bpe", "gpt2": "unigram"}[kind]
    tokenizer = train_tokenizer(OLD, TokenizerSpec(method=method, coverage=1, chat=True))
    torch.manual_seed(3)
    size = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "max_position_embeddings": 32}
    wide = {} if kind == "gpt2" else {"intermediate_size": 24}
    vocabulary = tokenizer.get_vocab_size() + 2  # rows to spare, as published models have them
    config = AutoConfig.for_model(kind, vocab_size=vocabulary, tie_word_embeddings=tied, **size, **wide)
    model = (AutoModelForMaskedLM if kind == "bert" else AutoModelForCausalLM).from_config(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 0.3)
    model.save_pretrained(folder)
    save_tokenizer(tokenizer, folder)
    return folder


@pytest.mark.parametrize(("kind", "tied"), [("bert", True), ("llama", True), ("llama", False), ("gpt2", True)])
def test_a_model_grows(kind: str, tied: bool, tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, AutoTokenizer

    old, out = base(tmp_path, kind, tied=tied), tmp_path / "out"
    out.mkdir()
    added = with_more_tokens(old, NEW, 30, out, seed=1)
    factory = AutoModelForMaskedLM if kind == "bert" else AutoModelForCausalLM
    before, after = (factory.from_pretrained(folder).eval() for folder in (old, out))
    rows = before.config.vocab_size
    assert after.config.vocab_size == rows + len(added)
    ids = torch.tensor([AutoTokenizer.from_pretrained(old)(OLD[0])["input_ids"]])
    with torch.inference_mode():
        first, second = before(ids).logits, after(ids).logits
    torch.testing.assert_close(second[..., :rows], first)
    assert AutoTokenizer.from_pretrained(out)(NEW[0])["input_ids"][-1] < rows + len(added)
    for model_before, model_after in (
        (before.get_input_embeddings(), after.get_input_embeddings()),
        (before.get_output_embeddings(), after.get_output_embeddings()),
    ):
        table, grown = model_before.weight, model_after.weight
        plain = [token for token in added if token.spelled and max(token.spelled) < rows]
        assert plain
        for token in plain:
            torch.testing.assert_close(grown[token.id], table[list(token.spelled)].mean(0))
        assert torch.isfinite(grown).all()


def test_noise_parts_tokens_with_equal_spellings() -> None:
    table = np.random.default_rng(1).normal(2.0, 0.5, size=(9, 400)).astype(np.float32)
    still = spelled_rows(table, [[1, 2], [1, 2], []])
    np.testing.assert_allclose(still[0], table[1:3].mean(axis=0))
    np.testing.assert_array_equal(still[0], still[1])
    np.testing.assert_allclose(still[2], table.mean(axis=0))
    loud = spelled_rows(table, [[1, 2], [1, 2], []], noise=0.1, seed=4)
    assert (loud - still).std() == pytest.approx(0.1 * table.std(axis=0).mean(), rel=0.15)
    assert not np.array_equal(loud[0], loud[1])
    np.testing.assert_array_equal(loud, spelled_rows(table, [[1, 2], [1, 2], []], noise=0.1, seed=4))
    assert spelled_rows(table[:, 0], [[1, 2]]).tolist() == pytest.approx([table[1:3, 0].mean()])


def test_what_a_model_must_have(tmp_path: Path) -> None:
    with pytest.raises(ResolveError, match=r"no tokenizer\.json") as caught:
        with_more_tokens(tmp_path, NEW, 5, tmp_path, where="MODEL")
    assert caught.value.where == "MODEL"


def test_nothing_to_add_leaves_the_model_as_it_is(tmp_path: Path) -> None:
    old, out = base(tmp_path, "bert"), tmp_path / "out"
    out.mkdir()
    assert with_more_tokens(old, ["the"], 30, out) == ()
    first, second = (load_file(folder / "model.safetensors") for folder in (old, out))
    assert all(np.array_equal(first[name], second[name]) for name in first)
    assert json.loads((out / "config.json").read_text())["vocab_size"] == len(
        first["bert.embeddings.word_embeddings.weight"]
    )
