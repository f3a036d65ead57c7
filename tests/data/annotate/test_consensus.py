from __future__ import annotations

import pytest

from seatrial.data.annotate.consensus import consensus
from seatrial.data.annotate.ratings import ratings_of
from seatrial.errors import SpecError

from .test_dawid_skene import crowd


def test_majority_gives_shares_and_ties_go_to_the_label_listed_first() -> None:
    votes = [("x", "ann", "no"), ("x", "bob", "yes"), ("y", "ann", "no"), ("y", "bob", "no"), ("y", "eve", "yes")]
    found = consensus(ratings_of(votes, levels=["yes", "no"]))
    assert found.distribution.tolist() == [[0.5, 0.5], pytest.approx([1 / 3, 2 / 3])]
    assert found.label.tolist() == [0, 1]
    assert found.raters[0] == {"rater": "ann", "ratings": 2, "accuracy": 0.5}


def test_dawid_skene_says_what_it_thinks_of_each_rater(seed: int) -> None:
    ratings, truth, accuracies = crowd(seed)
    found = consensus(ratings, "dawid-skene")
    assert found.facts["converged"]
    assert (found.label == truth).mean() > 0.9
    good, poor = found.raters[0], found.raters[3]
    assert good["accuracy"] == pytest.approx(accuracies[0], abs=0.06)
    assert poor["confusion"]["1"]["0"] == pytest.approx(0.5, abs=0.15)


def test_an_unknown_method_is_named() -> None:
    with pytest.raises(SpecError, match="dawid-sken"):
        consensus(ratings_of([("x", "ann", "no")]), "dawid-sken")
