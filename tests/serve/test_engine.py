"""The engine on a toy release: tokenizers and onnxruntime for real, arithmetic that can be checked by hand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from seatrial.errors import SeatrialError
from seatrial.export.release import load_release
from seatrial.serve.engine import Engine


@pytest.fixture(scope="module")
def engine(toy_release: Path) -> Engine:
    return Engine(load_release(toy_release), 1)


def answers(engine: Engine, texts: list[str]) -> list[dict[str, Any]]:
    return [engine.describe(row, "") for row in engine.outputs(engine.tokenize(texts))]


def test_answers_are_calibrated_probabilities_by_label(engine: Engine) -> None:
    (answer,) = answers(engine, ["good good bad day"])
    logit_difference = (8.0 - 4.0) / 2.0  # two votes against one, four each, temperature 2
    expected = 1 / (1 + math.exp(-logit_difference))
    assert answer["label"] == "good"
    assert answer["scores"]["good"] == pytest.approx(expected, abs=1e-5)
    assert sum(answer["scores"].values()) == pytest.approx(1, abs=1e-5)


def test_padding_in_a_batch_changes_no_answer(engine: Engine) -> None:
    texts = ["bad", "good day good bad good", "day"]
    together = answers(engine, texts)
    alone = [answers(engine, [text])[0] for text in texts]
    assert together == alone


def test_long_texts_are_cut_at_the_releases_length(engine: Engine) -> None:
    (ids,) = engine.tokenize(["good " * 100])
    assert len(ids) == engine.release.max_length


def test_a_text_without_tokens_is_answered(engine: Engine) -> None:
    (answer,) = answers(engine, ["\u00a0"])
    assert sum(answer["scores"].values()) == pytest.approx(1, abs=1e-5)


def test_warm_up_stays_within_the_releases_length(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    lengths: list[int] = []
    outputs = engine.outputs
    monkeypatch.setattr(engine, "outputs", lambda ids: (lengths.extend(map(len, ids)), outputs(ids))[1])
    engine.warm_up()
    assert lengths
    assert max(lengths) <= engine.release.max_length


def test_outputs_cannot_be_altered_by_one_of_their_readers(engine: Engine) -> None:
    outputs = engine.outputs(engine.tokenize(["good"]))
    with pytest.raises(ValueError, match="read-only"):
        outputs[0, 0] = 1.0


def test_an_unknown_runtime_is_named_with_its_place(toy_release: Path) -> None:
    with pytest.raises(SeatrialError, match="onnxrutime") as refused:
        Engine(load_release(toy_release), 1, "onnxrutime")
    assert "serving.engine" in str(refused.value)
