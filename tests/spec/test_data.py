"""The `data:` section refuses what cannot be meant."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from seatrial.spec.data import DataSpec, Place, Source

PIN = {"package": "toy==1.0", "sha256": "0" * 64, "member": ["a.csv"]}


@pytest.mark.parametrize("source", [{"path": "a.csv"}, {"hub": "org/set"}, PIN])
def test_one_place_is_enough(source: dict[str, Any]) -> None:
    assert Source.model_validate({"name": "s", **source}).name == "s"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({}, "give exactly one of path, package, hub"),
        ({"path": "a.csv", "hub": "org/set"}, "got path, hub"),
        ({"package": "toy==1.0", "sha256": "0" * 64}, "needs sha256 and member"),
        ({**PIN, "sha256": None}, "needs sha256 and member"),
        ({**PIN, "package": "toy>=1.0"}, "package"),
        ({**PIN, "package": "--index-url==x"}, "package"),
        ({**PIN, "package": "toy==1.0 --pre"}, "package"),
        ({"path": "a.csv", "join": {"on": "id"}}, "give exactly one of path, package"),
        ({"path": "a.csv", "join": {"on": "id", "hub": "x"}}, "hub"),
        ({"path": "a.csv", "delimiter": ";;"}, "delimiter"),
    ],
)
def test_sources_that_cannot_be_meant(source: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Source.model_validate({"name": "s", **source})


def test_source_names_are_unique() -> None:
    with pytest.raises(ValidationError, match="two sources are called 's'"):
        DataSpec.model_validate({"sources": [{"name": "s", "path": "a"}, {"name": "s", "path": "b"}]})


def test_shares_add_up() -> None:
    split = {"train": 0.7, "validation": 0.2, "test": 0.2}
    with pytest.raises(ValidationError, match="must be 1"):
        DataSpec.model_validate({"sources": [{"name": "s", "path": "a"}], "split": split})


def test_one_member_needs_no_list() -> None:
    assert Place.model_validate({"path": "a.zip", "member": "b.csv"}).member == ["b.csv"]


def section(**changes: Any) -> DataSpec:
    return DataSpec.model_validate({"sources": [{"name": "s", "path": "a"}], **changes})


def test_what_is_missing_is_dropped_unless_something_else_is_said() -> None:
    assert (section().missing.policy("label"), section().missing.filling("text")) == ("drop", None)
    said = section(missing={"label": {"fill": 3}, "text": "error"}).missing
    assert (said.policy("label"), said.filling("label"), said.policy("text")) == ("fill", "3", "error")
    assert DataSpec.model_validate(section(missing={"label": "keep"}).model_dump()).missing.label == "keep"


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ({"label": "ignore"}, "'ignore' says nothing about what is missing; write `drop`, `keep`, `error`"),
        ({"text": "keep"}, "write `drop`, `error` or"),
        ({"label": {"fill": None}}, "fill stands for a text"),
        ({"label": {"filling": "a"}}, "says nothing"),
        ({"rating": "drop"}, "rating"),
    ],
)
def test_policies_that_cannot_be_meant(missing: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        section(missing=missing)


def test_rules_are_a_file_or_a_section_and_go_with_no_other_answer() -> None:
    assert section(rules="r.yaml").rules == section(rules={"file": "r.yaml", "combine": "accuracy"}).rules
    with pytest.raises(ValidationError, match="rules label the rows whose label is missing"):
        section(rules="r.yaml", missing={"label": "error"})
