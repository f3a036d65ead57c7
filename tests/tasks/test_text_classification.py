from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from seatrial.errors import DataError, SpecError
from seatrial.models.reading import whole_texts
from seatrial.records import Drop, Example, Provenance, Row
from seatrial.spec.data import DataSpec
from seatrial.tasks import TASKS
from seatrial.tasks.text_classification import TextClassification

SIGNS = ("negative", "neutral", "positive")
HERE = Provenance("s", 1)
task = TextClassification()


def data(**changes: Any) -> DataSpec:
    return DataSpec.model_validate({"sources": [{"name": "s", "path": "s.csv"}], **changes})


def rated(ratings: Any, **changes: Any) -> Example | Drop:
    spec = data(columns={"ratings": "r"}, ratings=changes)
    return task.example(Row({"text": "t", "r": ratings}, HERE), spec, SIGNS)


def example(label: str, distribution: tuple[float, ...] | None = None) -> Example:
    return Example("1", {"text": "t"}, label, HERE, distribution)


@pytest.mark.parametrize("cell", [None, "  ", float("nan")])
def test_an_empty_cell_is_no_label(cell: object) -> None:
    found = task.example(Row({"text": "t", "l": cell}, HERE), data(columns={"label": "l"}), ())
    assert isinstance(found, Drop)
    assert found.reason == "label is missing"


def test_it_is_reached_through_the_registry() -> None:
    assert TASKS.get("text-classification") is TextClassification


def test_ratings_become_majority_distribution_and_agreed() -> None:
    found = rated("[-3, -1, 0, 2, -2, -1, -4, -1, -1, -2]")
    assert isinstance(found, Example)
    assert found.label == "negative"
    assert found.distribution == (0.8, 0.1, 0.1)
    assert found.raters == 10
    assert found.slices == {"agreed": "yes"}


def test_agreed_is_at_least_the_share_and_ties_go_to_the_first_label() -> None:
    exactly = rated([1] * 7 + [0] * 3)
    below = rated([1] * 69 + [0] * 31)
    tie = rated([1, -1])
    assert isinstance(exactly, Example)
    assert isinstance(below, Example)
    assert isinstance(tie, Example)
    assert (exactly.slices["agreed"], below.slices["agreed"]) == ("yes", "no")
    assert tie.label == "negative"


@pytest.mark.parametrize(
    ("ratings", "reason"),
    [
        ("[1, 2", "not a JSON list"),
        ("[]", "missing"),
        ("[NaN]", "missing"),
        (None, "missing"),
        ('["good"]', "not a number"),
    ],
)
def test_unusable_ratings_are_dropped_with_a_reason(ratings: Any, reason: str) -> None:
    found = rated(ratings)
    assert isinstance(found, Drop)
    assert reason in found.reason


def test_a_rating_that_is_not_there_is_no_vote() -> None:
    found = rated("[1, NaN]")
    assert isinstance(found, Example)
    assert (found.label, found.raters) == ("positive", 1)


def test_ratings_may_be_label_names() -> None:
    found = rated(["neutral", "neutral", "positive"], vote="label")
    assert isinstance(found, Example)
    assert found.label == "neutral"
    odd = rated(["neutral", "meh"], vote="label")
    assert isinstance(odd, Drop)
    assert "'meh'" in odd.reason


def test_signs_need_three_labels() -> None:
    with pytest.raises(SpecError, match="three labels"):
        task.example(Row({"text": "t", "r": [1]}, HERE), data(columns={"ratings": "r"}), ("no", "yes"))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"text": None, "l": "a"}, "text is missing"),
        ({"text": ["a"], "l": "a"}, "'text' holds a list or an object"),
        ({"text": float("nan"), "l": "a"}, "text is missing"),
        ({"text": "t", "l": " "}, "label is missing"),
        ({"text": "t", "l": None}, "label is missing"),
        ({"text": "t", "l": "z"}, "'z' is not declared"),
    ],
)
def test_unusable_rows_are_dropped_with_a_reason(values: dict[str, Any], reason: str) -> None:
    found = task.example(Row(values, HERE), data(columns={"label": "l"}), ("a", "b"))
    assert isinstance(found, Drop)
    assert reason in found.reason


def test_a_number_is_the_text_that_it_is_written_as() -> None:
    for cell, text in ((3, "3"), (2.5, "2.5"), (True, "true")):
        found = task.example(Row({"text": cell, "l": "a"}, HERE), data(columns={"label": "l"}), ("a", "b"))
        assert isinstance(found, Example)
        assert found.inputs["text"] == text


def test_what_is_missing_may_be_filled() -> None:
    filling = data(columns={"label": "l"}, missing={"label": {"fill": "b"}, "text": {"fill": "none"}})
    found = task.example(Row({"text": None, "l": ""}, HERE), filling, ("a", "b"))
    assert isinstance(found, Example)
    assert (found.inputs["text"], found.label, found.distribution) == ("none", "b", None)
    there = task.example(Row({"text": "", "l": "a"}, HERE), filling, ("a", "b"))
    assert isinstance(there, Example)
    assert (there.inputs["text"], there.label) == ("", "a")


@pytest.mark.parametrize(("column", "cell"), [("ratings", ""), ("ratings", []), ("distribution", None)])
def test_missing_ratings_and_shares_may_be_filled(column: str, cell: Any) -> None:
    row, labels = Row({"text": "t", "r": cell}, HERE), ("no", "so so", "yes")
    left_out = task.example(row, data(columns={column: "r"}), labels)
    assert isinstance(left_out, Drop)
    assert (left_out.reason, left_out.missing) == (
        f"{column} {'are' if column == 'ratings' else 'is'} missing",
        "label",
    )
    found = task.example(row, data(columns={column: "r"}, missing={"label": {"fill": "yes"}}), labels)
    assert isinstance(found, Example)
    assert (found.label, found.raters) == ("yes", None)
    assert found.slices == ({"agreed": "no"} if column == "ratings" else {})


def test_a_row_without_a_label_is_not_kept_where_labels_are_learned() -> None:
    with pytest.raises(SpecError, match="learns from labels") as caught:
        task.columns(data(columns={"label": "l"}, missing={"label": "keep"}))
    assert caught.value.where == "data.missing.label"


def test_exactly_one_of_label_and_ratings() -> None:
    for columns in ({}, {"label": "l", "ratings": "r"}):
        with pytest.raises(SpecError, match="name the column"):
            task.columns(data(columns=columns))


def test_splits_that_cannot_be_learned_from_are_refused() -> None:
    with pytest.raises(DataError, match="only the label 'a'"):
        task.check({"train": [example("a")]}, ("a",))
    enough = [example("a"), example("b")] * 2
    with pytest.raises(DataError, match="test split has 0 example"):
        task.check({"train": enough, "validation": enough, "test": [example("a")] * 4}, ("a", "b"))
    task.check({"train": enough, "validation": enough[:2], "test": enough}, ("a", "b"))


def test_targets_are_soft_only_where_there_are_raters() -> None:
    examples = [example("negative", (0.6, 0.3, 0.1)), example("positive")]
    reading = whole_texts([[1]] * len(examples))
    soft = task.targets(examples, reading, SIGNS, soft=True)
    assert np.allclose(soft, [[0.6, 0.3, 0.1], [0, 0, 1]])
    assert np.allclose(task.targets(examples, reading, SIGNS, soft=False), [[1, 0, 0], [0, 0, 1]])


def test_probabilities_of_huge_logits_stay_finite() -> None:
    found = task.outputs(np.array([[1e4, 0, -1e4]], dtype=np.float32), 0.5)
    assert np.allclose(found, [[1, 0, 0]])
    assert np.allclose(task.outputs(np.zeros((1, 4), dtype=np.float32), 2.0), 0.25)


def test_answer_names_the_best_label() -> None:
    answer = task.answer(np.array([0.1, 0.7, 0.2], dtype=np.float32), SIGNS, "")
    assert answer["label"] == "neutral"
    assert answer["score"] == pytest.approx(0.7)
    assert list(answer["scores"]) == list(SIGNS)
