"""Who wins: made-up contenders, a counted test split."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from seatrial.evaluate.contract import judge
from seatrial.pipeline.contenders import Contender, best_of_the_missed, decide, in_order
from seatrial.pipeline.figures import CandidateFigures, SplitData
from seatrial.records import Example, Measurement, Provenance, Requirement, Verdict

LABELS = ("a", "b")
TRUTH = "aabbaabbab"
POSITIONS = np.array([LABELS.index(label) for label in TRUTH])
EXAMPLES = [Example(str(i), {"text": "x"}, label, Provenance("s", i)) for i, label in enumerate(TRUTH)]
AGREEMENT = Requirement("agreement", ">=", 0.9, split="validation")
LATENCY = Requirement("p95_ms", "<=", 50.0, split="service")
ACCURACY = Requirement("accuracy", ">=", 0.8)
CONTRACT = [AGREEMENT, LATENCY, ACCURACY]


def right(correct: int) -> np.ndarray:
    """Probabilities that have the label of the first `correct` examples right and of the others wrong."""
    says_a = [(label == "a") == (i < correct) for i, label in enumerate(TRUTH)]
    return np.array([[a, not a] for a in says_a], dtype=np.float32)


class Trial:
    """Contenders by p95, agreement and accuracy in tenths; notes for whom the test split was opened."""

    def __init__(self, **contenders: tuple[float, int, int | None]) -> None:
        self.opened: list[str] = []
        self.on_test = {name: tenths for name, (_, _, tenths) in contenders.items()}
        self.contenders = [self._contender(name, p95, agree) for name, (p95, agree, _) in contenders.items()]

    def _contender(self, name: str, p95_ms: float, agree: int) -> Contender:
        splits = {
            "validation": SplitData(EXAMPLES, POSITIONS, opponents={}),
            "test": SplitData(EXAMPLES, POSITIONS, opponents={}),
        }
        operational = {"p95_ms": Measurement("p95_ms", p95_ms, 300, "service", system=name)}
        figures = CandidateFigures(name, splits, operational, 100, 0.95, 1)
        figures.label_scores["validation"] = right(agree)
        figures.likeness["agreement", "validation"] = (right(agree).argmax(1) == right(10).argmax(1)).astype(float)
        return Contender(name, Path(name), 1.0, figures, Path(name), 1.0, {"p95_ms": p95_ms}, right(agree))

    def open_test(self, contender: Contender) -> Verdict:
        self.opened.append(contender.name)
        tenths = self.on_test[contender.name]
        contender.figures.label_scores["test"] = np.full((10, 2), np.nan, "f4") if tenths is None else right(tenths)
        return judge(contender.name, CONTRACT, contender.figures.lookup)

    def winner(self, contract: list[Requirement] = CONTRACT) -> str | None:
        winner = decide(self.contenders, contract, self.open_test)
        return winner.name if winner else None

    def shown(self) -> str:
        assert self.winner() is None
        return best_of_the_missed(self.contenders, CONTRACT, self.open_test).name

    def why(self, name: str) -> str:
        return next(contender.why for contender in self.contenders if contender.name == name)


def test_the_fastest_that_meets_everything_wins_and_the_test_split_is_opened_for_it_alone() -> None:
    trial = Trial(int8=(5, 10, 9), fp32=(9, 10, 10))
    assert trial.winner() == "int8"
    assert trial.opened == ["int8"]
    assert trial.why("int8") == "meets every requirement at the lowest latency"
    assert trial.why("fp32") == "int8 meets the contract and its p95 is 4.0 ms shorter"


def test_one_that_misses_before_the_test_split_never_opens_it() -> None:
    trial = Trial(int8=(5, 8, 10), fp32=(9, 10, 10))
    assert trial.winner() == "fp32"
    assert trial.opened == ["fp32"]
    assert trial.why("int8").startswith("missed: agreement on validation (0.8 is 0.1 below 0.9")


def test_a_slower_one_is_tried_when_the_fastest_misses_on_test() -> None:
    trial = Trial(int8=(5, 10, 7), fp32=(9, 10, 8))
    assert trial.winner() == "fp32"
    assert trial.opened == ["int8", "fp32"]
    assert "accuracy" in trial.why("int8")


@pytest.mark.parametrize("p95_ms", [float("nan"), float("inf"), 50.1])
def test_a_latency_that_is_none_never_passes(p95_ms: float) -> None:
    assert Trial(int8=(p95_ms, 10, 10)).winner() is None


def test_a_model_that_says_nan_never_passes() -> None:
    trial = Trial(int8=(5, 10, None))
    assert trial.winner() is None
    assert "not defined" in trial.why("int8")


def test_a_figure_that_nobody_measured_never_passes() -> None:
    trial = Trial(int8=(5, 10, 10))
    assert trial.winner([*CONTRACT, Requirement("size_mb", "<=", 1e9, split="service")]) is None
    assert trial.opened == []
    assert "size_mb was not measured" in trial.why("int8")


def test_shown_is_the_one_that_misses_the_fewest_of_those_that_were_tried() -> None:
    trial = Trial(int8=(5, 10, 7), slow=(60, 10, 10), fp32=(9, 10, 7))
    assert trial.shown() == "int8"
    assert trial.opened == ["int8", "fp32"]


def test_the_nearest_is_opened_once_for_a_whole_verdict_when_none_got_that_far() -> None:
    trial = Trial(int8=(55, 8, 10), fp32=(60, 10, 10))
    assert trial.shown() == "fp32"
    assert trial.opened == ["fp32"]
    verdict = trial.contenders[1].verdict
    assert verdict is not None
    assert [result.met for result in verdict.results] == [True, False, True]


NAN = float("nan")


@pytest.mark.parametrize(
    ("measured", "order"),
    [
        ({"fp32": (3.0, 91), "int8": (3.6, 24)}, "int8 fp32"),  # 0.6 ms: noise
        ({"fp32": (3.0, 91), "int8": (4.01, 24)}, "fp32 int8"),
        ({"fp32": (100.0, 91), "int8": (110.0, 24)}, "int8 fp32"),  # a tenth: noise
        ({"fp32": (100.0, 91), "int8": (110.1, 24)}, "fp32 int8"),
        ({"a": (5.0, 9), "b": (5.9, 8), "c": (6.8, 7)}, "b a c"),  # c is as fast as b, and not as fast as a
        ({"a": (5.5, 9), "b": (5.0, 9)}, "b a"),
        ({"a": (NAN, 1), "b": (5.0, 9), "c": (NAN, 1)}, "b a c"),
        ({"a": (NAN, 1)}, "a"),
    ],
)
def test_the_smaller_goes_first_where_the_difference_in_latency_is_noise(
    measured: dict[str, tuple[float, float]], order: str
) -> None:
    contenders = Trial(**{name: (p95, 10, 10) for name, (p95, _) in measured.items()}).contenders
    for contender in contenders:
        contender.size_mb = measured[contender.name][1]
    assert [contender.name for contender in in_order(contenders)] == order.split()


def test_one_that_wins_by_its_size_says_so() -> None:
    trial = Trial(int8=(3.6, 10, 9), fp32=(3.0, 10, 10))
    assert trial.winner() == "int8"
    assert trial.opened == ["int8"]
    assert trial.why("int8") == "meets every requirement, as fast as fp32 within the noise of measuring, and no larger"
    assert trial.why("fp32") == "int8 meets the contract and is as fast within the noise of measuring, and no larger"


def test_a_slower_winner_does_not_claim_the_lowest_latency() -> None:
    trial = Trial(int8=(5, 10, 7), fp32=(9, 10, 10))
    assert trial.winner() == "fp32"
    assert trial.why("fp32") == "meets every requirement at the lowest latency of those that do"
