"""The leading opponent gives the first sentence."""

from __future__ import annotations

import pytest

pytest.importorskip("sacrebleu")
pytest.importorskip("rouge_score")

from seatrial.evaluate.metrics import METRICS
from seatrial.evaluate.opponents.lead import Lead, first_sentence
from seatrial.records import Example, Provenance


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("One thing. And two.", "One thing."),
        ("  Is it 3.5 or 4? Four.", "Is it 3.5 or 4?"),
        ("A heading\nand a text. More.", "A heading"),
        ("\u4ed6\u6765\u4e86\u3002\u6211\u8d70\u3002", "\u4ed6\u6765\u4e86\u3002"),
        ("no end", "no end"),
        ("", ""),
    ],
)
def test_the_first_sentence(text: str, first: str) -> None:
    assert first_sentence(text) == first


def test_it_is_right_where_the_first_sentence_is_wanted() -> None:
    pairs = [("Paris is large. It is old.", "Paris is large."), ("Paris is large. It is old.", "It is old.")]
    examples = [Example("x", {"source": a, "target": b}, "", Provenance("toy", 1)) for a, b in pairs]
    scores = Lead(examples, (), 1).probabilities(examples)
    truth = scores[:, 0].astype(int)
    assert METRICS.get("exact_match").compute(scores, truth) == 0.5
    assert METRICS.get("rouge_l").compute(scores[:1], truth[:1]) == pytest.approx(1)
    assert METRICS.get("rouge_1").compute(scores[1:], truth[1:]) == pytest.approx(1 / 3)
