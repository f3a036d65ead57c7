"""Which candidate is released: the fastest that meets the whole contract, with a reason for each that is not.

What needs no test split is asked first; the test split is opened for one candidate after the other, until one meets the
contract. Refuses to know: how anything was measured or served, and what the test split says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seatrial.evaluate.contract import judge
from seatrial.pipeline.figures import CandidateFigures
from seatrial.records import Requirement, Verdict

__all__ = ["Contender", "OpenTest", "best_of_the_missed", "decide"]


@dataclass
class Contender:
    """A candidate on its way through accept.

    Attributes:
        name: the candidate's name.
        model_file: its ONNX file.
        temperature: fitted on its own validation logits.
        figures: what the contract asks of it.
        folder: the release it would be.
        size_mb: served bytes, in 10⁶.
        latency: figure by name, as the running service gave them; `p95_ms` among them.
        why: why it won or lost, once that is known.
        verdict: on the whole contract, once the test split was opened for it.
        test_logits: [n, n_labels] on the test split, likewise.
    """

    name: str
    model_file: Path
    temperature: float
    figures: CandidateFigures
    folder: Path
    size_mb: float
    latency: dict[str, float]
    why: str = ""
    verdict: Verdict | None = None
    test_logits: NDArray[np.float32] | None = None


OpenTest = Callable[[Contender], Verdict]
"""Counts a use of the test split, tries a contender on it, and gives its verdict on the whole contract."""


def decide(
    contenders: Sequence[Contender], requirements: Sequence[Requirement], open_test: OpenTest
) -> Contender | None:
    """The fastest contender that meets the contract, or None. Every contender gets its `why`.

    Args:
        contenders: fastest first.
        requirements: the contract.
        open_test: called once for each contender that gets as far as that.
    """
    winner: Contender | None = None
    for contender in contenders:
        if winner:
            gap = contender.latency["p95_ms"] - winner.latency["p95_ms"]
            contender.why = f"{winner.name} meets the contract and its p95 is {gap:.1f} ms shorter"
            continue
        verdict = _before_test(contender, requirements)
        if not verdict.missed:
            verdict = contender.verdict = open_test(contender)
            if verdict.accepted:
                winner = contender
        contender.why = _missed(verdict) if verdict.missed else "meets every requirement at the lowest latency"
    return winner


def best_of_the_missed(
    contenders: Sequence[Contender], requirements: Sequence[Requirement], open_test: OpenTest
) -> Contender:
    """The contender whose whole verdict is shown when none was accepted: the one that misses the fewest requirements.

    When none got as far as the test split, it is opened for the one that came nearest, to have a whole verdict.
    """
    tried = [contender for contender in contenders if contender.verdict]
    if not tried:
        nearest = min(contenders, key=lambda contender: len(_before_test(contender, requirements).missed))
        nearest.verdict = open_test(nearest)
        tried = [nearest]
    return min(tried, key=lambda contender: len(contender.verdict.missed) if contender.verdict else 0)


def _before_test(contender: Contender, requirements: Sequence[Requirement]) -> Verdict:
    """The part of the contract that needs no test split."""
    asked = [requirement for requirement in requirements if requirement.split != "test"]
    return judge(contender.name, asked, contender.figures.lookup)


def _missed(verdict: Verdict) -> str:
    return "missed: " + "; ".join(f"{result.requirement.name} ({result.why})" for result in verdict.missed)
