from __future__ import annotations

from typing import Any

import pytest

from seatrial.errors import MissingExtraError, SpecError
from seatrial.pipeline.preflight import preflight
from seatrial.spec.load import parse_spec

GOOD: dict[str, Any] = {
    "name": "toy",
    "data": {"sources": [{"name": "a", "path": "a.csv"}], "columns": {"label": "l"}, "slices": ["domain"]},
    "requirements": [
        {"metric": "accuracy", "at_least": 0.5, "where": {"domain": "x"}, "over": "majority"},
        {"metric": "p95_ms", "at_most": 50},
        {"metric": "size_mb", "at_most": 25},
        {"metric": "agreement", "at_least": 0.9},
    ],
}


def test_a_good_project_passes() -> None:
    preflight(parse_spec(GOOD, "toy"))


@pytest.mark.parametrize(
    ("change", "where", "hint"),
    [
        ({"task": "text-clasification"}, "task", "did you mean 'text-classification'?"),
        ({"evaluation": {"metrics": ["acuracy"]}}, "evaluation.metrics.0", "did you mean 'accuracy'?"),
        ({"evaluation": {"opponents": ["vadr"]}}, "evaluation.opponents.0", "did you mean 'vader'?"),
        ({"compression": {"methods": ["int8-dynamc"]}}, "compression.methods.0", "did you mean 'int8-dynamic'?"),
        ({"requirements": [{"metric": "p95", "at_most": 1}]}, "requirements.0.metric", "did you mean 'p95_ms'?"),
        (
            {"requirements": [{"metric": "ece", "at_most": 1, "over": "vader"}]},
            "requirements.0.over",
            "add vader to evaluation.opponents",
        ),
        (
            {"requirements": [{"metric": "ece", "at_most": 1, "where": {"domian": "x"}}]},
            "requirements.0.where",
            "data.slices has 'domain': write both as the column is called in the data",
        ),
        (
            {"requirements": [{"metric": "ece", "at_most": 1, "where": {"shop": "x"}}]},
            "requirements.0.where",
            "add shop to data.slices",
        ),
        (
            {"requirements": [{"metric": "ece", "at_most": 1, "over": "tfidf-lr"}]},
            "requirements.0.over",
            "did you mean 'tfidf-logreg'?",
        ),
        (
            {"requirements": [{"metric": "accuracy", "at_least": 85}]},
            "requirements.0.at_least",
            "write 0.85 for 85 %",
        ),
        (
            {"requirements": [{"metric": "adapter_mb", "at_most": 5}]},
            "requirements.0.metric",
            "leave this line out",
        ),
        ({"evaluation": {"releases": {"vader": "../a"}}}, "evaluation.releases.vader", "choose another"),
        (
            {
                "evaluation": {"releases": {"earlier": "../a"}},
                "requirements": [{"metric": "ece", "at_most": 1, "over": "earlir"}],
            },
            "requirements.0.over",
            "did you mean 'earlier'?",
        ),
        ({"requirements": [{"metric": "ece", "at_most": 5}]}, "requirements.0.at_most", "write 0.05 for 5 %"),
        (
            {"requirements": [{"metric": "cosine_to_source", "at_least": 0.9}]},
            "requirements.0.metric",
            "its likeness to the uncompressed model is agreement",
        ),
        (
            {"requirements": [{"metric": "brier", "at_most": 2.5}]},
            "requirements.0.at_most",
            "give a bound in that range",
        ),
        ({"data": {"sources": [{"name": "a", "path": "a.csv"}]}}, "data.columns", None),
    ],
)
def test_a_name_that_leads_nowhere_is_found_before_anything_runs(
    change: dict[str, Any], where: str, hint: str | None
) -> None:
    with pytest.raises(SpecError) as caught:
        preflight(parse_spec({**GOOD, **change}, "toy"))
    assert caught.value.where == where
    assert caught.value.hint == hint


def test_every_metric_says_its_range() -> None:
    from seatrial.evaluate.metrics import METRICS

    assert {name for name in METRICS if getattr(METRICS.get(name), "bounds", None) is None} == set()


def test_the_base_install_says_which_extra_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seatrial.pipeline.preflight.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError) as caught:
        preflight(parse_spec(GOOD, "toy"))
    assert caught.value.hint == "pip install 'seatrial[train]', or '.[train]' in a clone of the repository"


def test_a_metric_of_something_else_is_refused_with_those_that_fit() -> None:
    raw = {**GOOD, "evaluation": {"metrics": ["neighbour_accuracy"]}}
    with pytest.raises(SpecError, match="neighbour_accuracy reads neighbours") as caught:
        preflight(parse_spec(raw, "toy"))
    assert caught.value.where == "evaluation.metrics.0"
    assert "accuracy, brier" in str(caught.value.expected)
    assert "neighbour" not in str(caught.value.expected)


def test_a_metric_needs_labels() -> None:
    raw = {
        "name": "toy",
        "task": "embedding",
        "data": {"sources": [{"name": "a", "path": "a.csv"}]},
        "requirements": [{"metric": "neighbour_accuracy", "at_least": 0.5}],
    }
    with pytest.raises(SpecError, match="needs labels") as caught:
        preflight(parse_spec(raw, "toy"))
    assert caught.value.where == "requirements.0.metric"
    preflight(parse_spec({**raw, "requirements": [{"metric": "cosine_to_source", "at_least": 0.5}]}, "toy"))
