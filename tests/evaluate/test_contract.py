from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.evaluate.contract import judge
from seatrial.records import Interval, Measurement, Requirement

FLOOR = Requirement("accuracy", ">=", 0.9)
SURE = replace(FLOOR, confidence=0.95)
GOOD = Measurement("accuracy", 0.95, 500, interval=Interval(0.92, 0.97, 0.95))


def result(requirement, measurement):
    return judge("int8", [requirement], lambda asked: measurement).results[0]


def test_met():
    verdict = judge("int8", [FLOOR, SURE], lambda asked: GOOD)
    assert verdict.accepted
    assert verdict.candidate == "int8"
    assert [(r.requirement, r.measured, r.interval, r.n, r.why) for r in verdict.results] == [
        (FLOOR, 0.95, GOOD.interval, 500, ""),
        (SURE, 0.95, GOOD.interval, 500, ""),
    ]


def test_one_miss_is_enough():
    verdict = judge("fp32", [FLOOR, replace(FLOOR, bound=0.96)], lambda asked: GOOD)
    assert not verdict.accepted
    assert [r.requirement.bound for r in verdict.missed] == [0.96]


def test_an_empty_contract_accepts_nothing():
    assert not judge("fp32", [], lambda asked: GOOD).accepted


def test_bounds_are_met_by_equality_and_missed_by_the_last_bit():
    assert result(FLOOR, replace(GOOD, value=0.9)).met
    below = result(FLOOR, replace(GOOD, value=math.nextafter(0.9, 0)))
    assert not below.met
    assert "below 0.9" in below.why
    ceiling = Requirement("p95_ms", "<=", 50.0, split="service")
    at = Measurement("p95_ms", 50.0, 300, split="service")
    assert result(ceiling, at).met
    assert not result(ceiling, replace(at, value=math.nextafter(50.0, 60))).met


@pytest.mark.parametrize(
    ("requirement", "measurement", "why"),
    [
        (FLOOR, replace(GOOD, value=0.8977), "0.8977 is 0.0023 below 0.9"),
        (FLOOR, replace(GOOD, value=0.899996), "0.899996 is 0.000004 below 0.9"),
        (
            SURE,
            replace(GOOD, interval=Interval(0.88, 0.97)),
            "the lower end of the 0.95 interval, 0.88 is 0.02 below 0.9",
        ),
        (
            SURE,  # value and interval both fall short: the end of the interval is what the report shows
            replace(GOOD, value=0.315, interval=Interval(0.25, 0.38)),
            "the lower end of the 0.95 interval, 0.25 is 0.65 below 0.9",
        ),
        (
            Requirement("p95_ms", "<=", 50, split="service"),
            Measurement("p95_ms", 61.5, 300, split="service"),
            "61.5 ms is 11.5 ms above 50 ms",
        ),
        (
            Requirement("size_mb", "<=", 25, split="service"),
            Measurement("size_mb", 91.0, 1, split="service"),
            "91 MB is 66 MB above 25 MB",
        ),
        (
            Requirement("ece", "<=", 0.05, confidence=0.9),
            Measurement("ece", 0.04, 99, interval=Interval(0.03, 0.0625, 0.9)),
            "the upper end of the 0.9 interval, 0.0625 is 0.0125 above 0.05",
        ),
    ],
)
def test_why_says_by_how_much(requirement, measurement, why):
    found = result(requirement, measurement)
    assert not found.met
    assert why in found.why


@pytest.mark.parametrize(
    ("requirement", "measurement", "why"),
    [
        (FLOOR, None, "accuracy was not measured on test"),
        (replace(FLOOR, where={"a": "b"}), None, "was not measured on test [a=b]"),
        (FLOOR, replace(GOOD, n=0), "no example of the test split"),
        (FLOOR, replace(GOOD, value=math.nan), "not defined on these 500"),
        (FLOOR, replace(GOOD, value=math.inf), "not defined"),
        (SURE, replace(GOOD, interval=None), "there is no interval"),
        (SURE, replace(GOOD, interval=Interval(0.92, 0.97, 0.9)), "0.9 confidence, 0.95 was asked for"),
        (SURE, replace(GOOD, interval=Interval(math.nan, 0.97)), "is not one"),
        (SURE, replace(GOOD, interval=Interval(0.97, 0.92)), "is not one"),
        (replace(FLOOR, split="validation"), GOOD, "another figure"),
        (replace(FLOOR, where={"a": "b"}), GOOD, "another figure"),
        (replace(FLOOR, over="vader"), GOOD, "another figure"),
        (replace(FLOOR, over="vader", ratio=True), replace(GOOD, over="vader"), "another figure"),
        (replace(FLOOR, metric="f1_macro"), GOOD, "another figure"),
    ],
)
def test_what_is_missing_is_not_met(requirement, measurement, why):
    found = result(requirement, measurement)
    assert not found.met
    assert why in found.why


def test_an_undefined_figure_is_shown_as_none():
    assert result(FLOOR, replace(GOOD, value=math.nan)).measured is None
    assert result(FLOOR, replace(GOOD, value=math.nan)).as_dict()["measured"] is None


def test_a_value_on_the_wrong_side_is_not_saved_by_its_interval():
    assert not result(SURE, replace(GOOD, value=0.85)).met


floats = st.floats(allow_nan=True, allow_infinity=True)


@given(
    requirement=st.builds(
        Requirement,
        metric=st.just("accuracy"),
        comparator=st.sampled_from([">=", "<="]),
        bound=floats,
        confidence=st.sampled_from([None, 0.9, 0.95]),
    ),
    measurement=st.none()
    | st.builds(
        Measurement,
        metric=st.sampled_from(["accuracy", "ece"]),
        value=floats,
        n=st.integers(-2, 3),
        split=st.sampled_from(["test", "validation"]),
        interval=st.none() | st.builds(Interval, low=floats, high=floats, confidence=st.sampled_from([0.9, 0.95])),
    ),
)
def test_met_means_measured_and_on_the_right_side(requirement, measurement):
    found = result(requirement, measurement)
    assert found.met == (found.why == "")
    if not found.met:
        return
    assert measurement is not None
    assert measurement.n > 0
    assert math.isfinite(measurement.value)
    assert (measurement.metric, measurement.split) == ("accuracy", "test")
    ends = [measurement.value]
    if requirement.confidence is not None:
        assert measurement.interval.confidence == requirement.confidence
        ends += [measurement.interval.low if requirement.comparator == ">=" else measurement.interval.high]
        assert all(map(math.isfinite, ends))
    for end in ends:
        assert end >= requirement.bound if requirement.comparator == ">=" else end <= requirement.bound
