from __future__ import annotations

import math

import numpy as np

from seatrial.evaluate.metrics.roc_auc import ROC_AUC


def test_by_hand():
    # Label 1 has scores 0.9 and 0.4, the other 0.6 and 0.4: of four pairs two wins, one loss, one tie.
    second = np.array([0.9, 0.4, 0.6, 0.4])
    probabilities = np.stack([1 - second, second], axis=1)
    assert ROC_AUC.compute(probabilities, np.array([1, 1, 0, 0])) == (2 + 0 + 0.5) / 4


def test_undefined_while_a_label_is_missing():
    probabilities = np.full((4, 3), 1 / 3)
    assert math.isnan(ROC_AUC.compute(probabilities, np.array([0, 1, 0, 1])))
    assert math.isnan(ROC_AUC.compute(probabilities, np.array([1, 1, 1, 1])))


def test_undefined_only_in_the_resamples_that_miss_a_label():
    probabilities = np.array([[0.8, 0.2], [0.3, 0.7]])
    found = ROC_AUC.statistic(probabilities, np.array([0, 1]))(np.array([[1.0, 2.0], [1.0, 0.0]]))
    assert found[0] == 1
    assert math.isnan(found[1])
