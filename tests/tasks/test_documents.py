"""How rows become the documents that a language model learns from."""

from __future__ import annotations

from typing import Any

import pytest

from seatrial.errors import SpecError
from seatrial.records import Drop, Example, Provenance, Row
from seatrial.spec.data import DataSpec
from seatrial.tasks.causal_lm import CausalLm


def read(value: object, **data: Any) -> Example | Drop:
    spec = DataSpec.model_validate({"sources": [{"name": "a", "path": "a.csv"}], **data})
    column = spec.columns.tokens or spec.columns.text
    return CausalLm().example(Row({column: value}, Provenance("a", 1)), spec, ())


def text_of(found: Example | Drop) -> str:
    assert isinstance(found, Example)
    return found.inputs["text"]


def test_a_text_is_taken_as_it_stands() -> None:
    assert text_of(read(" two\n words ")) == " two\n words "


def test_a_number_is_the_text_of_that_number() -> None:
    assert text_of(read(12)) == "12"


def test_words_in_a_list_are_joined() -> None:
    assert text_of(read(["北京", "大学"], columns={"tokens": "words"}, tags={"join": ""})) == "北京大学"


def test_a_missing_text_is_dropped_or_filled() -> None:
    dropped = read(None)
    assert isinstance(dropped, Drop)
    assert dropped.reason == "text is missing"
    assert dropped.missing == "text"
    assert text_of(read(None, missing={"text": {"fill": "nothing said"}})) == "nothing said"


def test_an_object_is_no_text() -> None:
    dropped = read({"a": 1})
    assert isinstance(dropped, Drop)
    assert "text" in dropped.reason


@pytest.mark.parametrize("data", [{"columns": {"label": "kind"}}, {"rules": "rules.yaml"}])
def test_labels_and_rules_are_refused(data: dict[str, Any]) -> None:
    with pytest.raises(SpecError, match=r"no labels|learns from the text alone"):
        CausalLm().columns(DataSpec.model_validate({"sources": [{"name": "a", "path": "a.csv"}], **data}))
