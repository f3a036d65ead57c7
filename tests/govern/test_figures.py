from __future__ import annotations

import math

import pytest

from seatrial.govern.figures import (
    beside,
    bound,
    figure,
    finite,
    interval,
    metric_name,
    name,
    percent,
    printable,
    requirement_name,
    slice_name,
)
from seatrial.records import Interval, Requirement


@pytest.mark.parametrize("value", [None, math.nan, math.inf, "0.5", True, [1]])
def test_what_is_no_figure_is_a_dash(value: object) -> None:
    assert finite(value) is None
    assert figure("accuracy", value) == percent(value) == beside("accuracy", value, 0.9) == "–"


def test_units_follow_the_metric() -> None:
    assert figure("p95_ms", 8.42) == "8.4\u00a0ms"
    assert figure("size_mb", 1234.5) == "1,234.5\u00a0MB"
    assert figure("accuracy", -0.25, signed=True) == "\u22120.250"
    assert bound("p95_ms", 50) == "50\u00a0ms"
    assert bound("accuracy", 0.18, signed=True) == "+0.18"


@pytest.mark.parametrize(
    ("value", "limit", "expected"),
    [(0.9199, 0.92, "0.9199"), (0.92, 0.92, "0.920"), (0.935, 0.92, "0.935"), (0.9200001, 0.92, "0.9200001")],
)
def test_rounding_never_reaches_the_bound(value: float, limit: float, expected: str) -> None:
    assert beside("accuracy", value, limit) == expected


def test_a_trifle_below_zero_is_zero() -> None:
    assert figure("accuracy", -1e-9) == "0.000"
    assert percent(-1e-16) == "0.0\u00a0%"


def test_an_interval_needs_both_ends() -> None:
    assert interval("accuracy", Interval(0.1, 0.2)) == "0.100 to 0.200"
    assert interval("accuracy", Interval(0.1, math.nan)) == interval("accuracy", None) == "–"


def test_texts_can_be_written_and_do_not_turn_their_surroundings() -> None:
    assert printable("a\x00\ud800\u202eb") == "a\ufffd\ufffdb"
    assert printable("a\ufffd\tb") == "a\ufffd\tb"
    assert name("إيجابي") == "\u2068إيجابي\u2069"
    assert name("积极") == "积极"


def test_requirements_in_words() -> None:
    asked = Requirement("f1_macro", ">=", 0.8, "validation", {"domain": "tweets"}, 0.9, "vader")
    assert requirement_name(asked) == (
        "Macro-F1, lead over vader where domain is tweets (validation), lower end of the 90\u00a0% interval"
    )
    assert requirement_name(Requirement("p95_ms", "<=", 50)) == "Latency (p95)"
    assert slice_name({}) == "all examples"


@pytest.mark.parametrize(
    ("metric", "said"),
    [("json_valid", "valid JSON"), ("json_field.reply.tone", "right JSON fields: reply.tone"), ("my_own", "my own")],
)
def test_a_metric_is_said_in_words_with_its_argument(metric: str, said: str) -> None:
    assert metric_name(metric) == said
