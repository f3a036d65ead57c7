"""What is told beside the verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest

from seatrial.pipeline.remarks import beaten_by, language_warning, left_out, left_out_line
from seatrial.records import Measurement, Report, Trial, Verdict
from seatrial.spec.load import parse_spec


def prepared(rows: int, *dropped: tuple[str, str, int]) -> Report:
    return Report(
        "prepare",
        tables={
            "sources": [{"source": "a", "rows": rows - 1, "bad_rows": 0}, {"source": "b", "rows": 1, "bad_rows": 0}],
            "dropped": [{"step": step, "reason": reason, "count": count} for step, reason, count in dropped],
        },
    )


def test_nothing_left_out_is_not_mentioned() -> None:
    assert left_out_line(prepared(10)) is None
    assert left_out(prepared(10)) == {}


def test_equal_reasons_are_one_and_rare_ones_are_counted_together() -> None:
    report = prepared(1000, ("dedupe", "copy", 7), ("x", "copy", 3), *(("read", f"r{i}", 6 - i) for i in range(6)))
    assert left_out(report) == {"copy": 10, "r0": 6, "r1": 5, "r2": 4, "r3": 3, "r4": 2, "r5": 1}
    assert left_out_line(report) == (
        "31 of 1,000 rows left out: copy (10); r0 (6); r1 (5); r2 (4); r3 (3); other reasons (3)"
    )


@pytest.mark.parametrize(
    ("languages", "base", "warned"),
    [
        (["de"], None, True),
        (["en", "fr"], None, True),
        (["en"], None, False),
        (["en-GB"], None, False),
        ([], None, False),
        (["de"], "my/model", False),
    ],
)
def test_the_english_default_is_named_for_other_languages(languages: list[str], base: str | None, warned: bool) -> None:
    spec = parse_spec(
        {
            "name": "toy",
            "language": languages,
            "data": {"sources": [{"name": "a", "path": "a.csv"}], "columns": {"label": "l"}},
            **({"model": {"base": base}} if base else {}),
            "requirements": [{"metric": "size_mb", "at_most": 50}],
        },
        "toy",
    )
    assert ("set model.base" in (language_warning(spec) or "")) is warned


def trial(metric: str, ours: float, **theirs: float) -> Trial:
    measured = [Measurement(metric, value, 100, system=name) for name, value in {"model": ours, **theirs}.items()]
    report = Report("evaluate", measurements=tuple(measured))
    return Trial("toy", "", "", "text-classification", ("a", "b"), Verdict("fp32", ()), (), {"evaluate": report}, {}, 1)


def test_a_better_opponent_is_named_with_the_difference() -> None:
    said = beaten_by(trial("accuracy", 0.8, tfidf=0.85, majority=0.5, equal=0.8))
    assert len(said) == 1
    assert said[0].startswith("worse than tfidf by 0.050: accuracy 0.800, tfidf 0.850")


def test_lower_errors_are_better() -> None:
    assert [line.split(" by ")[0] for line in beaten_by(trial("ece", 0.1, a=0.05, b=0.2))] == ["worse than a"]


def test_an_unmeasured_model_is_beaten_by_nobody() -> None:
    assert beaten_by(trial("accuracy", float("nan"), tfidf=0.85)) == []
    assert beaten_by(replace(trial("accuracy", 0.8), reports={})) == []
