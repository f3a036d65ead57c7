"""The copying opponent is right where source and target are the same, and only there."""

from __future__ import annotations

import pytest

pytest.importorskip("sacrebleu")

from seatrial.evaluate.metrics import METRICS
from seatrial.evaluate.opponents.copy import Copy
from seatrial.records import Example, Provenance


def test_it_gives_the_source() -> None:
    pairs = [("one two three four", "one two three four"), ("one", "1")]
    examples = [Example("x", {"source": a, "target": b}, "", Provenance("toy", 1)) for a, b in pairs]
    scores = Copy(examples, (), 1).probabilities(examples)
    truth = scores[:, 0].astype(int)
    assert METRICS.get("exact_match").compute(scores, truth) == 0.5
    assert METRICS.get("chrf").compute(scores[:1], truth[:1]) == pytest.approx(100)
    assert METRICS.get("chrf").compute(scores[1:], truth[1:]) == 0
