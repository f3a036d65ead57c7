from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from seatrial.evaluate.per_label import per_label


def test_values_are_scikit_learns_and_lie_in_their_intervals(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, 400)
    probabilities = rng.dirichlet((1, 1, 1), 400) + 0.4 * np.eye(3)[truth]
    rows = per_label(probabilities, truth, ("a", "b", "c"), resamples=300)
    expected = precision_recall_fscore_support(truth, probabilities.argmax(axis=1))
    for name, values in zip(("precision", "recall", "f1"), expected, strict=False):
        assert [row[name] for row in rows] == pytest.approx(list(values))
        for row in rows:
            low, high = row[f"{name}_interval"]
            assert low < row[name] < high


def test_undefined_figures_are_empty_and_few_items_have_no_interval() -> None:
    probabilities = np.array([[0.9, 0.1, 0], [0.2, 0.8, 0], [0.7, 0.3, 0], [0.3, 0.7, 0]])
    rows = per_label(probabilities, np.array([0, 0, 1, 1]), ("no", "yes", "never"))
    assert [row["precision"] for row in rows] == [0.5, 0.5, None]
    assert [row["n"] for row in rows] == [2, 2, 0]
    assert {row["f1_interval"] for row in rows} == {None}
