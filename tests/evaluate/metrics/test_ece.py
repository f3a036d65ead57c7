from __future__ import annotations

import numpy as np
import pytest

from seatrial.evaluate.metrics.ece import BINS, ECE, confidence_bins


def two(*confidences):
    """Two labels, the first with these probabilities."""
    first = np.array(confidences)
    return np.stack([first, 1 - first], axis=1)


def test_by_hand():
    # Bin (0.8, 0.867]: 0.85 and 0.81, one right: |0.5 - 0.83| for 2 of 4. Bin (0.933, 1]: 1 and 1, both right: 0.
    found = ECE.compute(two(0.85, 0.81, 1.0, 1.0), np.array([0, 1, 0, 0]))
    assert found == pytest.approx(0.33 * 2 / 4)


def test_errors_of_opposite_sign_in_one_bin_cancel_and_in_two_bins_do_not():
    cancel = ECE.compute(two(0.75, 0.75, 0.75, 0.75), np.array([0, 0, 0, 1]))
    assert cancel == pytest.approx(0)
    assert ECE.compute(two(0.75, 0.95), np.array([0, 1])) == pytest.approx((0.25 + 0.95) / 2)


def test_bins_hold_their_upper_edge():
    at_edges = np.arange(1, BINS + 1) / BINS
    wide = np.stack([at_edges, *[np.zeros(BINS)] * 20], axis=1)
    assert confidence_bins(wide).tolist() == list(range(BINS))
    assert confidence_bins(np.nextafter(wide, 2)).tolist() == [*range(1, BINS), BINS - 1]
