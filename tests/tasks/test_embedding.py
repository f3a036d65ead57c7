from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seatrial.errors import DataError, SpecError
from seatrial.records import Drop, Example, Provenance, Row
from seatrial.spec.data import DataSpec
from seatrial.tasks import TASKS, Known
from seatrial.tasks.embedding import MOST_KNOWN, Embedding

HERE = Provenance("s", 1)
LABELS = ("cat", "dog")
task = Embedding()


def data(**changes: Any) -> DataSpec:
    return DataSpec.model_validate({"sources": [{"name": "s", "path": "s.csv"}], **changes})


def example(label: str = "") -> Example:
    return Example("1", {"text": "t"}, label, HERE)


def unit(*degrees: float) -> np.ndarray:
    angles = np.radians(np.array(degrees))
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_it_is_reached_through_the_registry() -> None:
    assert TASKS.get("embedding") is Embedding


def test_a_label_is_optional_and_two_are_too_many() -> None:
    assert task.columns(data()) == ("text",)
    assert task.columns(data(columns={"label": "l"}, slices=["d"])) == ("text", "l", "d")
    with pytest.raises(SpecError, match="name the column") as caught:
        task.columns(data(columns={"label": "l", "ratings": "r"}))
    assert caught.value.expected == "at most one of label, ratings and distribution"


def test_rows_become_examples_with_and_without_a_label() -> None:
    found = task.example(Row({"text": "t"}, HERE), data(), ())
    assert isinstance(found, Example)
    assert (found.label, found.distribution) == ("", None)
    labelled = task.example(Row({"text": "t", "l": " dog "}, HERE), data(columns={"label": "l"}), ())
    assert isinstance(labelled, Example)
    assert labelled.label == "dog"
    assert isinstance(task.example(Row({"text": "t", "l": ""}, HERE), data(columns={"label": "l"}), ()), Drop)
    assert isinstance(task.example(Row({"text": None}, HERE), data(), ()), Drop)


def test_one_label_is_no_measure_and_an_empty_split_none_either() -> None:
    whole = {split: [example()] for split in ("train", "validation", "test")}
    task.check(whole, ())
    alike = {**whole, "train": [example("a")] * 3}
    with pytest.raises(DataError, match="train split has only the label 'a'"):
        task.check(alike, ("a", "b"))
    task.check({**alike, "train": [example("a"), example("b")]}, ("a", "b"))
    with pytest.raises(DataError, match="validation split is empty"):
        task.check({**whole, "validation": []}, ())


def test_the_nearest_by_cosine_vote() -> None:
    examples = [example("cat")] * 12 + [example("dog")] * 12
    vectors = np.concatenate([unit(*range(12)), unit(*range(80, 92))])
    scores = task.label_scores(unit(3, 85), (), LABELS, Known(examples, vectors))
    assert scores.shape == (2, 2)
    np.testing.assert_allclose(scores, [[1, 0], [0, 1]], atol=1e-6)
    shared = task.label_scores(
        unit(40), (), LABELS, Known(examples[:18], vectors[:18])
    )  # of ten, four are dogs at most
    assert shared[0].argmax() == 0
    np.testing.assert_allclose(shared.sum(axis=1), 1.0, atol=1e-6)


def test_of_equal_votes_the_nearer_ones_decide() -> None:
    known = Known([example("cat"), example("dog")], unit(0, 50))
    assert task.label_scores(unit(24), (), LABELS, known).argmax() == 0
    assert task.label_scores(unit(26), (), LABELS, known).argmax() == 1


def test_ten_similarities_never_outweigh_a_vote() -> None:
    examples = [example("cat")] * 4 + [example("dog")] * 6
    vectors = np.concatenate([unit(0, 0, 0, 0), unit(*[179] * 6)])
    assert task.label_scores(unit(0), (), LABELS, Known(examples, vectors)).argmax() == 1


def test_a_vector_that_is_no_number_has_no_label() -> None:
    broken = unit(0, 10)
    broken[1] = np.nan
    scores = task.label_scores(broken, (), LABELS, Known([example("cat")] * 3, unit(0, 1, 2)))
    assert np.isfinite(scores[0]).all()
    assert np.isnan(scores[1]).all()


def test_more_than_one_chunk_of_rows_comes_back_in_order() -> None:
    degrees = np.arange(1100) % 180.0
    known = Known([example("cat"), example("dog")], unit(0, 179))
    found = task.label_scores(unit(*degrees), (), LABELS, known).argmax(axis=1)
    np.testing.assert_array_equal(found, (degrees > 89.5).astype(int))


def test_without_labels_nothing_is_looked_up() -> None:
    assert task.known([example()] * 5) == []
    assert task.label_scores(unit(0, 1), (), (), Known((), unit()[:0])).shape == (2, 0)


def test_known_examples_are_bounded_and_spread() -> None:
    many = [Example(str(i), {"text": "t"}, "cat", HERE) for i in range(3 * MOST_KNOWN)]
    found = task.known(many)
    assert len(found) == MOST_KNOWN
    assert (found[0].id, found[-1].id) == ("0", str(3 * MOST_KNOWN - 1))
    assert len({one.id for one in found}) == MOST_KNOWN


def test_alike_is_the_cosine() -> None:
    np.testing.assert_allclose(task.alike(unit(0, 60, 10), unit(0, 0, 190)), [1.0, 0.5, -1.0], atol=1e-6)
    assert task.alike(unit(5), unit(5))[0] <= 1.0
    assert np.isnan(task.alike(np.full((1, 2), np.nan, dtype=np.float32), unit(0)))[0]


def test_the_answer_is_the_vector_to_the_last_bit() -> None:
    vector = unit(33)[0]
    answer = json.loads(json.dumps(task.answer(vector, (), "")))
    assert np.array(answer["embedding"], dtype=np.float32).tobytes() == vector.tobytes()


def test_a_folder_without_weights_is_an_error_that_callers_know(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises((OSError, ValueError)):
        task.load_trained(tmp_path)
