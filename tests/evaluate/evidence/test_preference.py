"""The report says what became of either answer."""

from __future__ import annotations

import numpy as np

from seatrial.evaluate.evidence import Predictions, Settings
from seatrial.evaluate.evidence.preference import preference_evidence
from seatrial.records import Example, Provenance


def test_both_gains_are_told_for_both_may_be_losses() -> None:
    scores = np.array([[-4.0, 5, -3.0, -9.0, 3, -5.0], [-6.0, 7, -3.0, -7.0, 1, -5.0]])
    examples = [
        Example(str(n), {"prompt": "?", "chosen": "a", "rejected": "b"}, "", Provenance("a", n)) for n in (1, 2)
    ]
    predictions = Predictions("test", examples, np.zeros(2, dtype=np.intp), scores, None, [9, 9], [])
    shown = preference_evidence(predictions, (), Settings(1.0, 10, 0.95, 1))
    assert shown.facts == {
        "chosen_gain_nats": -2.0,
        "rejected_gain_nats": -3.0,
        "chosen_tokens": 6.0,
        "rejected_tokens": 2.0,
    }
