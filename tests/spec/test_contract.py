"""The `requirements:` section refuses bounds that cannot be met, alone or together."""

from __future__ import annotations

import math
from typing import Any

import pytest
from pydantic import ValidationError

from seatrial.spec.contract import LIKENESSES, RequirementSpec, contradiction, out_of_range

SHARE = (0.0, 1.0)


def line(**keys: Any) -> RequirementSpec:
    return RequirementSpec.model_validate({"metric": "accuracy", **keys})


@pytest.mark.parametrize("keys", [{"at_least": 0.85}, {"at_most": 1}, {"at_least": -0.05, "over": "majority"}])
def test_bounds_that_a_share_can_have(keys: dict[str, Any]) -> None:
    assert out_of_range(line(**keys), SHARE) is None


def test_a_percentage_is_the_usual_slip() -> None:
    assert out_of_range(line(at_least=85), SHARE) == (
        "accuracy lies between 0 and 1, never at 85",
        "write 0.85 for 85 %",
    )
    problem = out_of_range(line(at_least=5, over="majority"), SHARE)
    assert problem == ("a difference in accuracy lies between -1 and 1, never at 5", "write 0.05 for 5 %")


def test_other_bounds_outside_the_range() -> None:
    assert out_of_range(line(at_most=-0.1), SHARE) is not None
    assert out_of_range(line(metric="log_loss", at_most=3), (0, math.inf)) is None
    problem = out_of_range(line(metric="log_loss", at_most=-3), (0, math.inf))
    assert problem == ("log_loss lies at 0 or above, never at -3", "give a bound in that range")
    assert out_of_range(line(metric="log_loss", at_most=-3, over="majority"), (0, math.inf)) is None


def test_a_quotient_has_a_range_of_its_own() -> None:
    assert out_of_range(line(at_least=1.2, ratio_to="majority"), SHARE) is None
    assert out_of_range(line(at_most=0.8, ratio_to="base", metric="perplexity"), (1, math.inf)) is None
    problem = out_of_range(line(at_most=-0.2, ratio_to="majority"), SHARE)
    assert problem == ("a quotient of accuracy lies at 0 or above, never at -0.2", "give a bound in that range")
    assert out_of_range(line(at_most=-0.2, ratio_to="majority"), (-1, 1)) is None


def test_a_quotient_is_another_figure_than_a_difference() -> None:
    record = line(at_most=0.8, ratio_to="base").record()
    assert (record.over, record.ratio, record.name) == ("base", True, "accuracy relative to base")
    assert contradiction([line(at_most=0.1, over="base"), line(at_least=0.5, ratio_to="base")]) is None
    assert contradiction([line(at_most=0.1, ratio_to="base"), line(at_least=0.5, ratio_to="base")]) is not None
    with pytest.raises(ValidationError, match="not both"):
        line(at_most=0.8, ratio_to="base", over="base")
    with pytest.raises(ValidationError, match="cannot have 'ratio_to'"):
        RequirementSpec.model_validate({"metric": "size_mb", "at_most": 1, "ratio_to": "base"})


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"metric": "p95_ms", "at_most": -5}, "p95_ms lies at 0 or above"),
        ({"metric": "size_mb", "at_most": -1}, "size_mb lies at 0 or above"),
        ({"metric": "agreement", "at_least": 97}, "write 0.97 for 97 %"),
    ],
)
def test_figures_of_the_service_are_checked_when_read(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        RequirementSpec.model_validate(keys)


def test_two_lines_that_no_model_can_meet() -> None:
    problem = contradiction([line(at_most=0.1), line(at_least=0.15), line(at_least=0.05)])
    assert problem is not None
    assert "line 0 wants accuracy at most 0.1" in problem
    assert "line 1 at least 0.15" in problem


@pytest.mark.parametrize(
    "other",
    [{"at_least": 0.1}, {"at_least": 0.5, "where": {"shop": "x"}}, {"at_least": 0.5, "split": "validation"},
     {"at_least": 0.5, "over": "majority"}, {"at_least": 0.5, "metric": "recall_macro"}],
)  # fmt: skip
def test_lines_about_different_things_may_differ(other: dict[str, Any]) -> None:
    assert contradiction([line(at_most=0.1), line(**other)]) is None


@pytest.mark.parametrize("metric", LIKENESSES)
def test_likeness_to_the_uncompressed_model_is_measured_on_validation_with_an_interval(metric: str) -> None:
    record = line(metric=metric, at_least=0.9, confidence=0.95, where={"domain": "tweets"}).record()
    assert (record.split, record.confidence) == ("validation", 0.95)
    with pytest.raises(ValidationError, match="measured on validation, not on test"):
        line(metric=metric, at_least=0.9, split="test")
    with pytest.raises(ValidationError, match=r"write 0\.99 for 99 %"):
        line(metric=metric, at_least=99)
    with pytest.raises(ValidationError, match="cannot have 'over'"):
        line(metric=metric, at_least=0.1, over="majority")
