from __future__ import annotations

import math
from dataclasses import replace

import pytest

from seatrial.govern import findings
from seatrial.records import Interval, Measurement, Requirement, RequirementResult, Trial


def with_measurements(trial: Trial, *measurements: Measurement) -> Trial:
    report = replace(trial.reports["evaluate"], measurements=measurements)
    return replace(trial, reports={**trial.reports, "evaluate": report})


def test_weak_slices_are_worse_than_the_whole_large_enough_and_worst_first(trial: Trial) -> None:
    found = [
        Measurement("accuracy", v, n, where={"s": s} if s else {})
        for s, v, n in (
            ("", 0.8, 900),
            ("good", 0.9, 300),
            ("bad", 0.6, 300),
            ("worse", 0.5, 300),
            ("tiny", 0.1, 3),
            ("odd", math.nan, 300),
        )
    ]
    weak = findings.weak_slices(with_measurements(trial, *found))
    assert [m.where["s"] for m in weak] == ["worse", "bad"]


def test_weak_means_high_for_errors(trial: Trial) -> None:
    found = [
        Measurement("ece", v, 99, where={"s": s} if s else {}) for s, v in (("", 0.1), ("low", 0.05), ("high", 0.3))
    ]
    assert [m.where["s"] for m in findings.weak_slices(with_measurements(trial, *found))] == ["high"]


def test_confusions_leave_out_what_is_right(trial: Trial) -> None:
    common = findings.common_confusions(trial)
    assert [row["count"] for row in common] == sorted((row["count"] for row in common), reverse=True)
    assert all(row["label"] != row["predicted"] for row in common)


def test_no_evaluation_no_findings(bare: Trial) -> None:
    assert findings.headline(bare) is None
    assert findings.weak_slices(bare) == findings.common_confusions(bare) == findings.differences(bare) == []


@pytest.mark.parametrize(
    ("comparator", "limit", "confidence", "expected"),
    [(">=", 0.9, None, -0.03), (">=", 0.9, 0.95, 0.01), ("<=", 0.9, 0.95, 0.06), ("<=", 0.9, None, 0.03)],
)
def test_shortfall_is_that_of_the_deciding_figure(
    comparator: str, limit: float, confidence: float | None, expected: float
) -> None:
    asked = Requirement("accuracy", comparator, limit, confidence=confidence)  # type: ignore[arg-type]
    result = RequirementResult(asked, 0.93, Interval(0.89, 0.96), False, "")
    assert findings.shortfall(result) == pytest.approx(expected)


def test_without_an_interval_a_confidence_has_no_figure() -> None:
    asked = Requirement("accuracy", ">=", 0.9, confidence=0.95)
    assert findings.shortfall(RequirementResult(asked, 0.93, None, False, "")) is None
