"""The contract's slices and the opponents against a prepared data set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from seatrial.data.dataset import write_dataset_file, write_split
from seatrial.errors import SpecError
from seatrial.pipeline.prepared import check_prepared
from seatrial.records import Example, Provenance
from seatrial.spec.load import parse_spec

SHOPS = [("Köln", "web"), ("Köln", "web"), ("Bonn", "post")]


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    examples = [
        Example(str(i), {"text": "x"}, "a", Provenance("s", i), slices={"Filiale": shop, "way": way})
        for i, (shop, way) in enumerate(SHOPS)
    ]
    write_split(tmp_path, "test", examples)
    write_split(tmp_path, "validation", examples[:2])
    write_dataset_file(tmp_path, ("a", "b"), {}, 1)
    return tmp_path


def check(dataset: Path, requirement: dict[str, Any], opponents: tuple[str, ...] = ("majority",)) -> None:
    tree = {
        "name": "toy",
        "data": {"sources": [{"name": "a", "path": "a.csv"}], "columns": {"label": "l"}, "slices": ["Filiale", "way"]},
        "evaluation": {"opponents": list(opponents)},
        "requirements": [{"metric": "size_mb", "at_most": 9}, {"metric": "accuracy", "at_least": 0.5, **requirement}],
    }
    check_prepared(parse_spec(tree, "toy"), dataset)


def test_slices_that_are_there_pass(dataset: Path) -> None:
    check(dataset, {"where": {"Filiale": "Bonn", "way": "post"}})
    check(dataset, {})


@pytest.mark.parametrize(
    ("requirement", "where", "message", "hint"),
    [
        ({"where": {"Filiale": "Koeln"}}, ".Filiale", "test split has Filiale=Koeln", "did you mean 'Köln'?"),
        ({"where": {"Filiale": "Rom"}}, ".Filiale", "test split has Filiale=Rom", "choose one of: Bonn, Köln"),
        ({"where": {"Filiale": "Bonn", "way": "web"}}, "", "Filiale=Bonn, way=web together", "take a condition away"),
        (
            {"where": {"Filiale": "Bonn"}, "split": "validation"},
            ".Filiale",
            "validation split has Filiale=Bonn",
            "Köln",
        ),
    ],
)
def test_an_empty_slice_is_refused(
    requirement: dict[str, Any], where: str, message: str, hint: str, dataset: Path
) -> None:
    with pytest.raises(SpecError) as caught:
        check(dataset, requirement)
    assert caught.value.where == f"requirements.1.where{where}"
    assert message in caught.value.message
    assert hint in str(caught.value.hint)


def test_opponents_are_held_against_the_labels_of_the_data(dataset: Path) -> None:
    with pytest.raises(SpecError, match="VADER lexicon cannot answer with the labels a, b"):
        check(dataset, {}, opponents=("vader",))
