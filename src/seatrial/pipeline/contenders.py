"""Which candidate is released: the fastest that meets the whole contract, with a reason for each that is not.

Latencies whose difference is within the noise of measuring count as equal; of those, the smaller goes first.
What needs no test split is asked first; the test split is opened for one candidate after the other, until one meets the
contract. Refuses to know: how anything was measured or served, and what the test split says.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seatrial.evaluate.contract import judge
from seatrial.pipeline.figures import CandidateFigures
from seatrial.records import Requirement, Verdict

__all__ = ["Contender", "OpenTest", "best_of_the_missed", "decide", "in_order"]

NOISE_MS, NOISE_SHARE = 1.0, 0.1
"""Two p95 closer than this, or than this share of the shorter one, say nothing about which candidate is faster."""


@dataclass
class Contender:
    """A candidate on its way through accept.

    Attributes:
        name: the candidate's name.
        model_file: its ONNX file, or the folder of a network that no service runs.
        temperature: fitted on its own validation logits.
        figures: what the contract asks of it.
        folder: the release it would be.
        size_mb: served bytes, in 10⁶.
        latency: figure by name, as the running service gave them, `p95_ms` among them; empty where no service ran.
        validation_logits: raw outputs, rows [rows, k], on the validation split.
        why: why it won or lost, once that is known.
        verdict: on the whole contract, once the test split was opened for it.
        test_logits: raw outputs, rows [rows, k], on the test split, likewise.
    """

    name: str
    model_file: Path
    temperature: float
    figures: CandidateFigures
    folder: Path
    size_mb: float
    latency: dict[str, float]
    validation_logits: NDArray[np.float32]
    why: str = ""
    verdict: Verdict | None = None
    test_logits: NDArray[np.float32] | None = None


def in_order(contenders: Sequence[Contender]) -> list[Contender]:
    """The order in which contenders are tried: fastest first, and smallest first among those as fast as the fastest of
    the remaining ones. One without a latency comes last.
    """
    waiting = sorted(contenders, key=_latency)
    ordered: list[Contender] = []
    while waiting:
        alike = [contender for contender in waiting if contender is waiting[0] or _as_fast(contender, waiting[0])]
        ordered += sorted(alike, key=lambda contender: contender.size_mb)  # stable: of equal sizes the faster one
        waiting = waiting[len(alike) :]
    return ordered


OpenTest = Callable[[Contender], Verdict]
"""Counts a use of the test split, tries a contender on it, and gives its verdict on the whole contract."""


def decide(
    contenders: Sequence[Contender], requirements: Sequence[Requirement], open_test: OpenTest
) -> Contender | None:
    """The fastest contender that meets the contract, or None. Every contender gets its `why`.

    Args:
        contenders: in the order of `in_order`.
        requirements: the contract.
        open_test: called once for each contender that gets as far as that.
    """
    winner: Contender | None = None
    for contender in contenders:
        if winner:
            contender.why = f"{winner.name} meets the contract and {_better(winner, contender)}"
            continue
        verdict = _before_test(contender, requirements)
        if not verdict.missed:
            verdict = contender.verdict = open_test(contender)
            if verdict.accepted:
                winner = contender
        contender.why = _missed(verdict) if verdict.missed else _won(contender, contenders)
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


def _latency(contender: Contender) -> float:
    p95 = contender.latency.get("p95_ms", math.inf)
    return p95 if math.isfinite(p95) else math.inf


def _as_fast(contender: Contender, fastest: Contender) -> bool:
    p95 = _latency(fastest)
    return _latency(contender) - p95 <= max(NOISE_MS, NOISE_SHARE * p95)


def _better(winner: Contender, other: Contender) -> str:
    first, second = sorted((winner, other), key=_latency)
    if _as_fast(second, first):
        return "is as fast within the noise of measuring, and no larger"
    return f"its p95 is {other.latency['p95_ms'] - winner.latency['p95_ms']:.1f} ms shorter"


def _won(winner: Contender, contenders: Sequence[Contender]) -> str:
    fastest = min(contenders, key=_latency)
    if not winner.latency:
        return "meets every requirement"
    if winner is fastest:
        return "meets every requirement at the lowest latency"
    if _as_fast(winner, fastest):
        return f"meets every requirement, as fast as {fastest.name} within the noise of measuring, and no larger"
    return "meets every requirement at the lowest latency of those that do"


def _missed(verdict: Verdict) -> str:
    return "missed: " + "; ".join(f"{result.requirement.name} ({result.why})" for result in verdict.missed)
