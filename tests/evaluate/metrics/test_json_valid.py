from __future__ import annotations

import numpy as np

from seatrial.evaluate.metrics import METRICS
from seatrial.evaluate.text_rows import text_rows

WRITTEN = ['{"a": 1}', ' {"a": 1}\n', '{"a": 1', 'Sure: {"a": 1}', "NaN", ""]


def test_the_whole_answer_must_be_json_and_fit() -> None:
    wanted = text_rows(['{"a": 1}'] * 6).astype(np.intp)
    metric = METRICS.get("json_valid")
    assert metric.compute(text_rows(WRITTEN), wanted) == 2 / 6
    assert metric.compute(text_rows(WRITTEN, [True, False, True, True, True, True]), wanted) == 1 / 6
