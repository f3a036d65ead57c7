"""Language-model projects that cannot be sailed say why, where, and what to do; odd ones that can be, are."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from seatrial.errors import DataError, SeatrialError, SpecError
from seatrial.spec.load import parse_spec

from .test_language_voyage import project, sailed

BPE = {"method": "bpe", "vocabulary": 300}


def with_texts(folder: Path, texts: list[str], **changes: Any) -> dict[str, Any]:
    """A project on these documents."""
    tree = project(folder, "causal-lm", **changes)
    (folder / "rows.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    return tree


def told(error: SeatrialError) -> str:
    return f"{error.where}: {error.message} {error.hint}"


@pytest.mark.parametrize("tokenizer", [BPE, {"method": "characters"}])
def test_a_corpus_of_one_character(tokenizer: dict[str, Any], tmp_path: Path) -> None:
    tree = with_texts(tmp_path, ["a" * n for n in range(1, 60)])
    tree["model"]["tokenizer"] = tokenizer
    tree["data"]["dedupe"] = {"near": None}
    with pytest.raises(DataError) as caught:
        sailed(tmp_path, tree)
    assert "only the character 'a'" in told(caught.value)
    assert "model.tokenizer" in told(caught.value)


def test_a_vocabulary_larger_than_the_corpus_allows(tmp_path: Path) -> None:
    tree = project(tmp_path, "causal-lm")
    tree["model"]["tokenizer"] = {"method": "bpe", "vocabulary": 100_000}
    with pytest.raises(SpecError) as caught:
        sailed(tmp_path, tree)
    assert "tokens at most, not 100,000" in told(caught.value)
    assert caught.value.where == "model.tokenizer.vocabulary"


@pytest.mark.parametrize("texts", [[], ["", "  ", "\n"]])
def test_an_empty_corpus(texts: list[str], tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        sailed(tmp_path, with_texts(tmp_path, texts))
    assert caught.value.hint


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("model", "max_length", 1),
        ("model", "max_length", 10**6),
        ("training", "batch_items", 0),
        ("training", "steps", -5),
        ("training", "learning_rate", math.nan),
        ("training", "fill_in_middle", 1.5),
    ],
)
def test_numbers_out_of_range_are_told_with_their_place(section: str, key: str, value: Any, tmp_path: Path) -> None:
    tree = project(tmp_path, "causal-lm")
    tree[section] = {**tree[section], key: value}
    with pytest.raises(SpecError) as caught:
        parse_spec(tree, "test")
    assert f"{section}.{key}" in told(caught.value)


def test_a_gap_to_fill_needs_its_tokens(tmp_path: Path) -> None:
    tree = project(tmp_path, "causal-lm")
    tree["training"]["fill_in_middle"] = 0.5
    with pytest.raises(SpecError) as caught:
        sailed(tmp_path, tree)
    assert caught.value.where == "training.fill_in_middle"
    assert "<|fim_middle|>" in told(caught.value)


def test_more_items_in_a_batch_than_there_are_and_a_document_of_unknown_characters(tmp_path: Path) -> None:
    """One batch is an epoch then; the document costs what it costs, and spoils no figure."""
    texts = [json.loads(line)["text"] for line in _lines(tmp_path)]
    tree = with_texts(tmp_path, [*texts, "\u4e2d\u6587\u5b57"])
    tree["training"] |= {"batch_items": 10_000, "steps": 3}
    outcome = sailed(tmp_path, tree)
    train, evaluated = (outcome.trial.reports[stage] for stage in ("train", "evaluate"))
    assert len(train.series["steps"]) == 3
    measured = evaluated.find("bits_per_byte")
    assert measured is not None
    assert math.isfinite(measured.value)


def _lines(folder: Path) -> list[str]:
    project(folder, "causal-lm")
    return (folder / "rows.jsonl").read_text(encoding="utf-8").splitlines()
