from __future__ import annotations

import sys

import pytest

from seatrial.errors import MissingExtraError, SpecError
from seatrial.evaluate.opponents import OPPONENTS


def test_decides_in_the_order_of_the_labels(example):
    labels = ("Positive", "negative", "neutral")
    texts = ["I love this, it is great!", "Horrible. I hate it :(", "The meeting is on Tuesday."]
    opponent = OPPONENTS.get("vader")([], labels, 0)
    found = opponent.probabilities([example("neutral", text) for text in texts])
    assert found.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


@pytest.mark.parametrize(("compound", "label"), [(0.05, 2), (0.0499, 1), (0.0, 1), (-0.0499, 1), (-0.05, 0)])
def test_published_thresholds(compound, label, example, monkeypatch):
    opponent = OPPONENTS.get("vader")([], ("negative", "neutral", "positive"), 0)
    monkeypatch.setattr(opponent._analyzer, "polarity_scores", lambda text: {"compound": compound})
    assert opponent.probabilities([example("neutral")]).argmax() == label


@pytest.mark.parametrize("labels", [("negative", "positive"), ("bad", "neutral", "good"), ("1", "2", "3", "4", "5")])
def test_other_labels_are_refused(labels):
    with pytest.raises(SpecError, match="cannot answer with the labels") as caught:
        OPPONENTS.get("vader")([], labels, 0)
    assert caught.value.where == "evaluation.opponents"


def test_without_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "vaderSentiment.vaderSentiment", None)
    with pytest.raises(MissingExtraError, match="vader"):
        OPPONENTS.get("vader")([], ("negative", "neutral", "positive"), 0)
