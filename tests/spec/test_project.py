"""Labels and contract lines that cannot be meant are refused when the file is read."""

from __future__ import annotations

from typing import Any

import pytest

from seatrial.errors import SpecError
from seatrial.spec.load import parse_spec


def spec(**changes: Any) -> Any:
    data = {"sources": [{"name": "a", "path": "a.csv"}], "columns": {"label": "l"}}
    good = {"name": "toy", "data": data, "requirements": [{"metric": "accuracy", "at_least": 0.5}]}
    return parse_spec({**good, **changes}, "toy")


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["gut", "schlecht", "neutral", "gut", "sehr gut"], "the label 'gut' is there twice"),
        ([1, "1"], "the label '1' is there twice"),
        (["gut", ""], "a label is empty"),
        (["gut", " schlecht"], "a space around it"),
        (["gut"], "one label is no choice"),
    ],
)
def test_labels_that_no_model_can_have(labels: list[Any], message: str) -> None:
    with pytest.raises(SpecError, match=message) as caught:
        spec(labels=labels)
    assert caught.value.where == "toy: labels"


def test_labels_in_the_order_given() -> None:
    assert spec(labels=["b", "a", 3]).labels == ["b", "a", "3"]


@pytest.mark.parametrize("encoding", ["utf-9", "base64", "hex"])
def test_an_encoding_that_is_none(encoding: str) -> None:
    source = {"name": "a", "path": "a.csv", "encoding": encoding}
    with pytest.raises(SpecError, match=f"unknown encoding '{encoding}'") as caught:
        spec(data={"sources": [source]})
    assert caught.value.where == "toy: data.sources.0.encoding"


def test_a_filled_label_and_the_labels_of_rules_must_be_declared() -> None:
    source = {"sources": [{"name": "a", "path": "a.csv"}], "columns": {"label": "l"}}
    with pytest.raises(SpecError, match="fills in 'ok', which is not among labels"):
        spec(labels=["no", "yes"], data={**source, "missing": {"label": {"fill": "ok"}}})
    assert spec(labels=["no", "yes"], data={**source, "missing": {"label": {"fill": "no"}}}).labels
    with pytest.raises(SpecError, match="which need an order"):
        spec(data={**source, "rules": "rules.yaml"})
