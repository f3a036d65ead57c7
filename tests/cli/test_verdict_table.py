from __future__ import annotations

from dataclasses import replace

import pytest

from seatrial.cli.verdict_table import verdict_table
from seatrial.records import Candidate, Interval, Report, Requirement, RequirementResult, Trial, Verdict

REQUIREMENT = Requirement("accuracy", ">=", 0.9, where={"domain": "tweets", "shop": "lyon"}, confidence=0.95)
WHY = "the lower end of the interval, 0.315, is 0.585 below 0.9"


def trial(requirement: Requirement, why: str, outcome: str) -> Trial:
    results = (
        RequirementResult(requirement, 0.3456, Interval(0.315, 0.375, 0.95), False, why),
        RequirementResult(Requirement("p95_ms", "<=", 50, split="service"), 12.25, None, True, ""),
    )
    candidates = (Candidate("int8-dynamic", "int8.onnx", 24.5, 12.25, why=outcome),)
    return Trial("toy", "", "", "text-classification", ("a", "b"), Verdict("fp32", results), candidates, {}, {}, 1)


def test_slices_in_brackets_are_shown_wherever_they_stand() -> None:
    requirement = Requirement("accuracy", ">=", 0.9, where={"domain": "tweets"})
    why = "no example of the test split has [domain=tweets]"
    shown = verdict_table(trial(requirement, why, "missed: accuracy [domain=tweets] (too few)"))
    text = " ".join(shown.replace("│", " ").split())
    assert text.count("[domain=tweets]") == 4, "the row, its line below (name and reason), the candidate"
    assert "NOT ACCEPTED" in text


@pytest.mark.parametrize("columns", [70, 80, 100, 130])
def test_nothing_is_wider_than_the_terminal_and_no_number_is_broken(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    shown = verdict_table(trial(REQUIREMENT, WHY, f"missed: {REQUIREMENT.name} ({WHY}), and two more"))
    assert max(map(len, shown.splitlines())) <= columns
    assert {number for number in ("0.3456", "0.315 … 0.375", "≥ 0.9", "≤ 50", "24.5") if number not in shown} == set()
    assert WHY in " ".join(shown.split())


def test_only_what_was_missed_has_a_line_below() -> None:
    lines = verdict_table(trial(REQUIREMENT, WHY, "")).splitlines()
    assert [line.split(":")[1].strip() for line in lines if line.startswith("missed")] == [REQUIREMENT.name]


def test_a_model_that_writes_has_its_speed() -> None:
    made = trial(REQUIREMENT, WHY, "")
    assert "tokens/s" not in verdict_table(made)
    report = Report("accept", tables={"latency": [{"candidate": "int8-dynamic", "tokens_per_s": 612.52}]})
    shown = verdict_table(replace(made, reports={"accept": report}))
    assert "tokens/s" in shown
    assert "612.5" in shown
