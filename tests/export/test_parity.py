from __future__ import annotations

import numpy as np
import pytest

from seatrial.errors import ArtifactError
from seatrial.export.parity import parity, require_parity

REFERENCE = np.array([[2.0, 1.0], [0.0, 1.0], [3.0, 0.0], [0.0, 0.5]], dtype=np.float32)


def test_agreement_counts_equal_labels_and_differences_are_absolute() -> None:
    other = REFERENCE + np.array([[0.5, 0], [0, 0], [-4, 0], [0, -0.1]], dtype=np.float32)
    figures = parity(REFERENCE, other)
    assert figures["agreement"] == 0.75
    assert figures["max_abs"] == pytest.approx(4.0)
    assert figures["mean_abs"] == pytest.approx(4.6 / 8)


def test_the_same_logits_pass() -> None:
    require_parity(parity(REFERENCE, REFERENCE.copy()))


@pytest.mark.parametrize("offset", [0.0011, -0.0011, np.nan, np.inf])
def test_one_deviating_logit_is_refused(offset: float) -> None:
    other = REFERENCE.copy()
    other[2, 0] += offset
    with pytest.raises(ArtifactError, match="deviates") as caught:
        require_parity(parity(REFERENCE, other), where="model.onnx")
    assert caught.value.where == "model.onnx"


def test_nan_is_no_agreement() -> None:
    nan = np.full_like(REFERENCE, np.nan)
    assert parity(nan, nan)["agreement"] == 0.0


def test_other_shapes_and_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        parity(REFERENCE, REFERENCE[:2])
    with pytest.raises(ValueError, match="shape"):
        parity(REFERENCE[:0], REFERENCE[:0])
