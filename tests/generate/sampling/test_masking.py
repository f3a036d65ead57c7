from __future__ import annotations

import numpy as np
import pytest

from seatrial.errors import ServiceError
from seatrial.generate.sampling.masking import rule_out


def test_what_is_not_allowed_and_what_the_mask_does_not_know_is_ruled_out() -> None:
    logits = np.arange(5, dtype=np.float32)
    rule_out(logits, np.array([True, False, True]))
    np.testing.assert_array_equal(logits, [0, -np.inf, 2, -np.inf, -np.inf])


@pytest.mark.parametrize("allowed", [np.zeros(5, dtype=bool), np.ones(6, dtype=bool)])
def test_a_mask_that_leaves_nothing_or_is_too_long_is_an_error(allowed: np.ndarray) -> None:
    with pytest.raises(ServiceError, match="constraint"):
        rule_out(np.zeros(5, dtype=np.float32), allowed)
