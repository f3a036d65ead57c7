"""Beam search: the most probable continuations, not one token at a time but as whole sequences.

For short answers with one right form, such as a translation. It holds an engine for itself while it runs: no batching
with other requests. Source: Sutskever et al., arXiv 1409.3215 §3.2; the length penalty: arXiv 1609.08144 eq. 14, in the
simple form ``sum / length^alpha``.

Shapes: W beams, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seatrial.errors import RequestError
from seatrial.generate.base import Engine
from seatrial.generate.request import GenerateRequest
from seatrial.generate.sampling.log_probabilities import log_softmax

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Hypothesis", "beam_search"]

MAX_BEAMS = 64


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One continuation.

    Attributes:
        token_ids: without the prompt; a stop token is its last.
        log_probability: of the whole.
        score: the log-probability divided by ``length^alpha``.
    """

    token_ids: tuple[int, ...]
    log_probability: float
    score: float


@dataclass(frozen=True, slots=True)
class _Beam:
    """A continuation that goes on, in a slot of the engine."""

    slot: int
    token_ids: tuple[int, ...]
    log_probability: float


def beam_search(
    engine: Engine,
    prompt: Sequence[int],
    *,
    beams: int,
    max_tokens: int,
    stop_ids: frozenset[int] = frozenset(),
    length_penalty: float = 1.0,
) -> list[Hypothesis]:
    """The best continuations of a prompt, best first, at most `beams` of them.

    It ends when no beam that goes on could still beat the worst of `beams` ended ones, or after `max_tokens`.

    Args:
        engine: with all slots free; they are free again afterwards.
        prompt: token ids.
        beams: continuations that are followed (W).
        max_tokens: of a continuation.
        stop_ids: token ids that end one.
        length_penalty: alpha, 0 or more; above 0 longer continuations are favoured.

    Raises:
        RequestError: a value is out of range, or the prompt does not fit.
    """
    GenerateRequest(prompt=prompt, max_tokens=max_tokens, stop_ids=stop_ids).check_fits(
        vocabulary=engine.vocabulary, context=engine.context, slots=engine.slots
    )
    if not 1 <= beams <= min(MAX_BEAMS, engine.slots):
        raise RequestError(f"beams is {beams}: expected a whole number from 1 to {min(MAX_BEAMS, engine.slots)}")
    if not 0 <= length_penalty <= 10:
        raise RequestError(f"length_penalty is {length_penalty!r}: expected a number from 0 to 10")
    longest = min(max_tokens, engine.context - len(prompt))
    try:
        return _search(engine, prompt, beams=beams, longest=longest, stop_ids=stop_ids, alpha=length_penalty)
    finally:
        for slot in range(beams):
            engine.trim(slot, 0)


def _search(
    engine: Engine, prompt: Sequence[int], *, beams: int, longest: int, stop_ids: frozenset[int], alpha: float
) -> list[Hypothesis]:
    logits = engine.prefill(0, prompt)
    running, ended = [_Beam(0, (), 0.0)], list[Hypothesis]()
    for length in range(1, longest + 1):
        totals = log_softmax(logits) + np.array([[beam.log_probability] for beam in running], dtype=np.float32)
        going_on: list[tuple[int, int, float]] = []
        for parent, token_id, total in _best_children(totals, beams + len(running) * len(stop_ids)):
            if token_id in stop_ids:
                ended.append(_ended((*running[parent].token_ids, token_id), total, alpha))
            elif len(going_on) < beams:
                going_on.append((parent, token_id, total))
        ended = _best(ended, beams)
        running = _move(engine, running, going_on, beams)
        if not running or _decided(ended, running, beams, longest, alpha):
            break
        if length < longest:
            logits = engine.decode([beam.slot for beam in running], [beam.token_ids[-1] for beam in running])
    ended += [_ended(beam.token_ids, beam.log_probability, alpha) for beam in running]
    return _best(ended, beams)


def _best_children(totals: NDArray[np.float32], count: int) -> list[tuple[int, int, float]]:
    """(parent, token id, log-probability) of the best of totals [W, V] that are possible at all, best first."""
    flat = totals.ravel()
    count = min(count, flat.size)
    found = np.argpartition(-flat, count - 1)[:count]
    found = found[np.argsort(-flat[found], kind="stable")]
    width = totals.shape[1]
    return [(int(i) // width, int(i) % width, float(flat[i])) for i in found if np.isfinite(flat[i])]


def _move(engine: Engine, running: list[_Beam], children: list[tuple[int, int, float]], beams: int) -> list[_Beam]:
    """Put each child into a slot that holds its parent: a parent's first child stays, further ones are copied."""
    kept = {running[parent].slot for parent, _, _ in children}
    free = [slot for slot in range(beams) if slot not in kept]
    taken: set[int] = set()
    moved: list[_Beam] = []
    for parent, token_id, total in children:
        slot = source = running[parent].slot
        if slot in taken:
            slot = free.pop()
            engine.copy(source, slot)
        taken.add(slot)
        moved.append(_Beam(slot, (*running[parent].token_ids, token_id), total))
    return moved


def _decided(ended: list[Hypothesis], running: list[_Beam], beams: int, longest: int, alpha: float) -> bool:
    """Whether no running beam can come among the best any more: its log-probability only falls."""
    if len(ended) < beams:
        return False
    possible = max(beam.log_probability for beam in running) / longest**alpha
    return bool(ended[-1].score >= possible)


def _ended(token_ids: tuple[int, ...], log_probability: float, alpha: float) -> Hypothesis:
    return Hypothesis(token_ids, log_probability, log_probability / len(token_ids) ** alpha)


def _best(hypotheses: list[Hypothesis], count: int) -> list[Hypothesis]:
    return sorted(hypotheses, key=lambda hypothesis: -hypothesis.score)[:count]
