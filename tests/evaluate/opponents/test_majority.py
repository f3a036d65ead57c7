from __future__ import annotations

from seatrial.evaluate.opponents import OPPONENTS


def test_answers_with_the_shares_of_the_training_split(example):
    train = [example("a"), example("b"), example("b"), example("b")]
    found = OPPONENTS.get("majority")(train, ("a", "b", "c"), 0).probabilities([example("a"), example("c")])
    assert found.tolist() == [[0.25, 0.75, 0.0]] * 2
