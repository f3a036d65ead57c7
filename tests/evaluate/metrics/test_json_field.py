from __future__ import annotations

import math

import numpy as np
import pytest

from seatrial.errors import SpecError
from seatrial.evaluate.measure import measure
from seatrial.evaluate.metrics import METRICS, reads
from seatrial.evaluate.metrics.base import statistic_of
from seatrial.evaluate.text_rows import text_rows
from seatrial.records import Example, Provenance

WANTED = ['{"mood": "good", "who": {"id": 7}}', '{"mood": "bad", "who": {"id": 8}}', '{"who": {"id": 9}}', "no JSON"]
WRITTEN = ['{"mood": "good", "who": {"id": 7}}', '{"mood": "good", "who": {"id": 8}}', '{"mood": "x"}', '{"mood": 1}']


def value(name: str, written: list[str] = WRITTEN, wanted: list[str] = WANTED) -> float:
    return METRICS.get(name).compute(text_rows(written), text_rows(wanted).astype(np.intp))


def test_a_field_counts_where_the_true_answer_has_it() -> None:
    assert value("json_field.mood") == 1 / 2
    assert value("json_field.who.id") == 2 / 3
    assert math.isnan(value("json_field.nobody"))
    assert value("json_field") == pytest.approx((1 + 1 / 2 + 0) / 3)


def test_an_answer_that_is_no_object_has_no_field() -> None:
    assert value("json_field.a", ["[1]", "oops", '{"a": true}'], ['{"a": 1}'] * 3) == 0


def test_a_metric_with_an_argument_is_found_by_its_name() -> None:
    assert "json_field.mood" in METRICS
    assert METRICS.get("json_field.mood").name == "json_field.mood"
    assert reads("json_field.mood") == "texts"
    for other in ("json_field.", "json_field..a", "json_valid.mood", "nothing.mood"):
        assert other not in METRICS
        with pytest.raises(SpecError):
            METRICS.get(other)


def test_resamples_weigh_the_texts_that_count() -> None:
    figure = statistic_of(METRICS.get("json_field.mood"), text_rows(WRITTEN), text_rows(WANTED).astype(np.intp))
    weights = np.array([[2.0, 0.0, 0.0], [1.0, 1.0, 0.0], [5.0, 0.0, 1.0], [0.0, 3.0, 1.0]])
    np.testing.assert_allclose(figure(weights), [2 / 3, 0.0, np.nan])


def test_an_interval_is_measured() -> None:
    examples = [Example(str(n), {"text": "x"}, "", Provenance("a", n), slices={"s": str(n % 2)}) for n in range(40)]
    written = ['{"mood": "good"}' if n % 4 else '{"mood": "bad"}' for n in range(40)]
    found = measure(
        "json_field.mood",
        text_rows(written),
        examples,
        text_rows(['{"mood": "good"}'] * 40).astype(np.intp),
        split="test",
        where={"s": "0"},
        system="model",
        resamples=200,
        confidence=0.9,
        seed=1,
    )
    assert (found.value, found.n) == (0.5, 20)
    assert found.interval is not None
    assert 0 <= found.interval.low < 0.5 < found.interval.high <= 1
