"""What the preference section refuses."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from seatrial.spec.preference import Preference


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"beta": 0}, "greater than 0"),
        ({"beta": -0.1}, "greater than 0"),
        ({"label_smoothing": 0.5}, "less than 0.5"),
        ({"loss": "ipo", "label_smoothing": 0.1}, "ipo has no label_smoothing"),
        ({"loss": "kto"}, "'dpo' or 'ipo'"),
    ],
)
def test_what_cannot_be_meant_is_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Preference.model_validate(settings)
