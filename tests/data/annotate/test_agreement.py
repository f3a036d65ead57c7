"""The coefficients give what the literature prints for its own examples."""

from __future__ import annotations

import math

import numpy as np
import pytest

from seatrial.data.annotate.agreement import (
    fleiss_kappa,
    krippendorff_alpha,
    label_agreement,
    pair_agreement,
    percent_agreement,
    unanimous_share,
)
from seatrial.data.annotate.ratings import Ratings, ratings_of
from seatrial.data.annotate.resampling import Resampling
from seatrial.errors import SpecError

from .published import FLEISS, KRIPPENDORFF, by_count, by_rater

TWO_RATERS = "a a b b d c c c e d d a\nb a b b b c c c e d d d"
BINARY = "0 1 0 0 0 0 0 0 1 0\n1 1 1 0 0 1 0 0 0 0"


@pytest.mark.parametrize(("scale", "printed"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_krippendorffs_example_with_gaps(scale: str, printed: float) -> None:
    assert krippendorff_alpha(by_rater(KRIPPENDORFF), scale).value == pytest.approx(printed, abs=5e-4)  # type: ignore[arg-type]


@pytest.mark.parametrize(("table", "printed"), [(TWO_RATERS, 0.692), (BINARY, 0.095)])
def test_krippendorffs_examples_with_two_observers(table: str, printed: float) -> None:
    """Krippendorff 2011, sections A and B."""
    assert krippendorff_alpha(by_rater(table)).value == pytest.approx(printed, abs=5e-4)


def test_fleiss_example() -> None:
    """Fleiss 1971: kappa .430, and by category .245, .245, .520, .471, .566; all pairs agree in .556."""
    ratings = by_count(FLEISS)
    assert fleiss_kappa(ratings).value == pytest.approx(0.430, abs=5e-4)
    assert percent_agreement(ratings).value == pytest.approx(0.556, abs=5e-4)
    kappas = [row.kappa.value for row in label_agreement(ratings)]
    assert kappas == pytest.approx([0.245, 0.245, 0.520, 0.471, 0.566], abs=5e-4)


def test_cohens_example() -> None:
    """Cohen 1960, table of 200 judgements by two people: kappa .492, agreement .70."""
    table = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
    said = [(a, b) for a in range(3) for b in range(3) for _ in range(table[a][b])]
    votes = [(f"{i}", who, f"{level}") for i, both in enumerate(said) for who, level in zip("ab", both, strict=True)]
    (pair,) = pair_agreement(ratings_of(votes))
    assert pair.percent == pytest.approx(0.70)
    assert pair.kappa.value == pytest.approx(0.492, abs=5e-4)
    assert pair.kappa.n == 200
    assert pair.kappa.interval is not None
    assert 0.37 < pair.kappa.interval.low < 0.492 < pair.kappa.interval.high < 0.61


def test_ordinal_alpha_does_not_change_when_the_names_of_the_levels_do() -> None:
    renamed = KRIPPENDORFF.replace("5", "50").replace("4", "9")
    assert krippendorff_alpha(by_rater(renamed), "ordinal") == krippendorff_alpha(by_rater(KRIPPENDORFF), "ordinal")


def test_interval_alpha_does_not_change_when_the_zero_does() -> None:
    shifted = " ".join(str(int(c) + 10**8) if c.isdigit() else c for c in KRIPPENDORFF.replace("\n", " / ").split(" "))
    moved = krippendorff_alpha(by_rater(shifted.replace("/", "\n")), "interval").value
    assert moved == pytest.approx(krippendorff_alpha(by_rater(KRIPPENDORFF), "interval").value, rel=1e-6)


def test_raters_who_all_say_the_same_have_no_coefficient() -> None:
    ratings = by_rater("a a a a\na a a a")
    assert percent_agreement(ratings).value == 1
    assert unanimous_share(ratings).value == 1
    for figure in (fleiss_kappa(ratings), krippendorff_alpha(ratings), krippendorff_alpha(ratings, "ordinal")):
        assert math.isnan(figure.value)


def test_full_agreement_is_one_and_a_swap_below_chance() -> None:
    assert krippendorff_alpha(by_rater("a b a b\na b a b")).value == 1
    assert krippendorff_alpha(by_rater("a b a b\nb a b a")).value < 0


def test_items_of_one_rater_do_not_count() -> None:
    alone = by_rater("a b a c c\na b b . .")
    together = by_rater("a b a\na b b")
    assert krippendorff_alpha(alone).value == krippendorff_alpha(together).value
    assert krippendorff_alpha(alone).n == 3


def test_words_have_no_interval_scale() -> None:
    with pytest.raises(SpecError, match="'a' is no number"):
        krippendorff_alpha(by_rater("a b\na b"), "interval")


def noisy(n: int, seed: int) -> Ratings:
    draws = np.random.default_rng(seed)
    truth = draws.integers(0, 3, n)
    votes = []
    for rater in range(4):
        said = np.where(draws.random(n) < 0.8, truth, draws.integers(0, 3, n))
        votes += [(f"{i}", f"{rater}", f"{level}") for i, level in enumerate(said)]
    return ratings_of(votes)


def test_intervals_are_seeded_and_hold_the_value_of_many_items() -> None:
    """Raters who say the truth with 0.8 and else anything: alpha is 0.8² for any number of items."""
    inside = 0
    for seed in range(20):
        ratings = noisy(120, seed)
        figure = krippendorff_alpha(ratings, how=Resampling(resamples=300, seed=seed))
        assert figure == krippendorff_alpha(ratings, how=Resampling(resamples=300, seed=seed))
        assert figure.interval is not None
        inside += figure.interval.low <= 0.64 <= figure.interval.high
    assert inside >= 16


def test_few_items_have_no_interval() -> None:
    assert percent_agreement(by_rater("a b c\na b b")).interval is None


def test_pairs_of_very_many_raters_are_left_out() -> None:
    ratings = ratings_of([("one", f"{r}", "a") for r in range(41)])
    assert pair_agreement(ratings) == []
