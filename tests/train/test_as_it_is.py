from __future__ import annotations

import json
from pathlib import Path

import pytest

from seatrial.errors import SpecError
from seatrial.spec.training import ModelSpec
from seatrial.tasks.embedding import Embedding
from seatrial.tokenize.load import encode, load_tokenizer
from seatrial.train.as_it_is import take_as_it_is

from .toy import toy_base


def take(base: Path, out: Path, max_length: int = 20) -> dict[str, object]:
    out.mkdir()
    report = take_as_it_is(ModelSpec(max_length=max_length), task=Embedding(), base=base, labels=(), seed=3, out=out)
    return dict(report.facts)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy_base(tmp_path_factory.mktemp("base"))


def test_the_folder_opens_with_transformers_and_cuts_texts(base: Path, tmp_path: Path) -> None:
    from transformers import AutoModel, AutoTokenizer

    facts = take(base, tmp_path / "out")
    model = AutoModel.from_pretrained(tmp_path / "out")
    assert facts["trainable_parameters"] == 0
    assert facts["parameters"] == sum(parameter.numel() for parameter in model.parameters())
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "out")
    assert tokenizer.model_max_length == 20
    assert len(encode(load_tokenizer(tmp_path / "out", 20), ["good " * 99])[0]) == 20


def test_the_same_seed_gives_the_same_bytes_where_the_checkpoint_lacks_weights(base: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    bare = tmp_path / "bare"
    bare.mkdir()
    weights = {name: w for name, w in load_file(base / "model.safetensors").items() if "pooler" not in name}
    save_file(weights, bare / "model.safetensors", metadata={"format": "pt"})
    for name in ("config.json", "tokenizer.json"):
        (bare / name).write_bytes((base / name).read_bytes())
    take(bare, tmp_path / "one")
    take(bare, tmp_path / "two")
    assert (tmp_path / "one" / "model.safetensors").read_bytes() == (
        tmp_path / "two" / "model.safetensors"
    ).read_bytes()


def test_texts_longer_than_the_model_reads_are_refused(base: Path, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="at most 40 tokens"):
        take(base, tmp_path / "out", max_length=41)


def test_a_folder_that_holds_no_model_is_named(base: Path, tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "tokenizer.json").write_bytes((base / "tokenizer.json").read_bytes())
    (tmp_path / "base" / "config.json").write_text(json.dumps({"model_type": "bert"}))
    with pytest.raises(SpecError, match="no model for embedding") as caught:
        take(tmp_path / "base", tmp_path / "out")
    assert caught.value.where == "model.base"
