"""Chooses the tokens of one answer: penalties, bias, constraint, then the best or a draw. Refuses to know: engines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seatrial.generate.events import Choice
from seatrial.generate.request import Constraint, SamplingSettings
from seatrial.generate.sampling.bias import add_bias
from seatrial.generate.sampling.candidates import Candidates, best, in_order_of_ids, share_of
from seatrial.generate.sampling.drawing import Drawing
from seatrial.generate.sampling.greedy import most_probable
from seatrial.generate.sampling.log_probabilities import log_softmax, most_probable_with_logs
from seatrial.generate.sampling.masking import rule_out
from seatrial.generate.sampling.min_p import keep_min_p, log_or_lowest
from seatrial.generate.sampling.penalties import Penalties
from seatrial.generate.sampling.temperature import scale
from seatrial.generate.sampling.top_k import keep_top_k
from seatrial.generate.sampling.top_p import keep_top_p

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Sampler"]

HEAD = 512
"""So many of the best hold almost always what top-p and min-p leave; only if they do not, all are sorted."""


class Sampler:
    """The state that choosing needs: what was said, the draws, the constraint.

    Args:
        settings: how to choose.
        prompt: token ids, for the repetition penalty.
        index: which of a request's answers this is.
        constraint: what may follow, or None.
    """

    def __init__(
        self, settings: SamplingSettings, prompt: Sequence[int], index: int = 0, constraint: Constraint | None = None
    ) -> None:
        self._settings = settings
        self._penalties = Penalties(
            prompt,
            repetition=settings.repetition_penalty,
            presence=settings.presence_penalty,
            frequency=settings.frequency_penalty,
        )
        self._drawing = Drawing(settings.seed, index)
        self._constraint = constraint

    def choose(self, logits: NDArray[np.float32]) -> Choice:
        """Choose the next token and remember it.

        Args:
            logits: [V]; changed in place.

        Raises:
            ServiceError: the constraint allows nothing.
        """
        wanted = self._settings.log_probabilities
        logs = None if wanted is None else log_softmax(logits)
        token_id = self._pick(logits)
        self._penalties.hear(token_id)
        if self._constraint is not None:
            self._constraint.advance(token_id)
        if logs is None or wanted is None:
            return Choice(token_id)
        return Choice(token_id, float(logs[token_id]), most_probable_with_logs(logs, wanted))

    def _pick(self, logits: NDArray[np.float32]) -> int:
        settings = self._settings
        if not self._penalties.change_nothing:
            self._penalties.apply(logits)
        add_bias(logits, settings.logit_bias)
        allowed = None if self._constraint is None else self._constraint.allowed()
        if allowed is not None:
            rule_out(logits, allowed)
        if settings.greedy:
            return most_probable(logits)
        scale(logits, settings.temperature)
        return self._drawing.draw(self._left(logits))

    def _left(self, logits: NDArray[np.float32]) -> Candidates:
        """What top-k, top-p and min-p leave, in the order of ids where none of them is on."""
        settings = self._settings
        if not settings.top_k and settings.top_p >= 1 and settings.min_p <= 0:
            return in_order_of_ids(logits)
        candidates, share = keep_top_k(logits, settings.top_k or HEAD), 1.0
        if not settings.top_k:
            share = share_of(candidates, logits)
            beyond = candidates.logits[-1] >= candidates.logits[0] + log_or_lowest(settings.min_p)
            if share < settings.top_p and beyond:
                candidates, share = best(logits, logits.shape[0]), 1.0
        return keep_min_p(keep_top_p(candidates, settings.top_p, share), settings.min_p)
