"""Label weights balance; one step follows the loss and refuses to go on from NaN."""

from __future__ import annotations

import numpy as np
import pytest

from seatrial.train.learner import label_weights


def test_a_rare_label_weighs_more_and_equal_ones_weigh_one() -> None:
    targets = np.array([[1, 0], [1, 0], [1, 0], [0, 1]], dtype=np.float32)
    np.testing.assert_allclose(label_weights(targets), [4 / 6, 2.0])
    np.testing.assert_allclose(label_weights(np.full((10, 2), 0.5, dtype=np.float32)), [1.0, 1.0])


def test_the_weighted_mass_of_all_labels_is_equal() -> None:
    targets = np.array([[0.7, 0.2, 0.1], [0.9, 0.1, 0.0], [0.5, 0.3, 0.2]] * 10, dtype=np.float32)
    mass = targets.sum(axis=0) * label_weights(targets)
    np.testing.assert_allclose(mass, mass[0], rtol=1e-6)


def test_a_label_that_never_occurs_gets_a_finite_weight() -> None:
    weights = label_weights(np.array([[1.0, 0.0], [1.0, 0.0]], dtype=np.float32))
    assert weights[0] == pytest.approx(0.5)
    assert np.isfinite(weights).all()
