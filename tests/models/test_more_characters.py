"""A base model that can read the texts' characters, and is otherwise the same."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from seatrial.errors import SpecError
from seatrial.models.more_characters import with_more_characters

from ..export.conftest import save_tokenizer, save_toy

TEXTS = ["京沪 good 京", "京沪 Ωx 沪", "Ω 津"]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = save_toy(tmp_path_factory.mktemp("base"), "bert")
    save_tokenizer(folder)
    return folder


def test_frequent_characters_get_tokens_and_old_ones_stay(base: Path, tmp_path: Path) -> None:
    assert with_more_characters(base, TEXTS, 10, tmp_path, seed=1) == 3  # 津 and x are there once
    old, new = (Tokenizer.from_file(str(folder / "tokenizer.json")) for folder in (base, tmp_path))
    old.no_padding()
    assert old.encode("京沪").tokens == ["[CLS]", "[UNK]", "[UNK]", "[SEP]"]
    new.no_padding()
    assert new.encode("京沪 good").tokens == ["[CLS]", "京", "沪", "good", "[SEP]"]
    assert new.encode("Ω津").tokens[1:-1] == ["ω", "[UNK]"], "lower case, as the tokenizer reads it"
    config = json.loads((tmp_path / "config.json").read_text())
    weights, before = load_file(tmp_path / "model.safetensors"), load_file(base / "model.safetensors")
    name = next(name for name in weights if name.endswith("word_embeddings.weight"))
    assert config["vocab_size"] == len(weights[name]) == new.get_vocab_size()
    np.testing.assert_array_equal(weights[name][: len(before[name])], before[name])
    assert np.isfinite(weights[name]).all()
    assert weights[name][len(before[name]) :].std() == pytest.approx(before[name].std(), rel=0.3)


def test_no_more_than_asked_for_and_always_the_same(base: Path, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        folder.mkdir()
        assert with_more_characters(base, TEXTS, 1, folder, seed=1) == 1
    first, second = (load_file(folder / "model.safetensors") for folder in folders)
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_another_kind_of_tokenizer_is_refused(base: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for path in base.iterdir():
        (other / path.name).write_bytes(path.read_bytes())
    settings = json.loads((other / "tokenizer.json").read_text())
    settings["model"] = {"type": "WordLevel", "vocab": settings["model"]["vocab"], "unk_token": "[UNK]"}
    (other / "tokenizer.json").write_text(json.dumps(settings))
    with pytest.raises(SpecError, match="WordLevel") as caught:
        with_more_characters(other, TEXTS, 1, tmp_path, seed=1)
    assert caught.value.where == "model.more_characters"
