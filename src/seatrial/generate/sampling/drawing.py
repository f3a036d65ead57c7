"""Draws of one sequence: one number per token from a generator of its own, so that no other request moves them."""

from __future__ import annotations

import numpy as np

from seatrial.generate.sampling.candidates import Candidates, probabilities

__all__ = ["Drawing"]


class Drawing:
    """The generator of one answer.

    Args:
        seed: of the request; None takes one from the system.
        index: which of the request's answers; each draws differently.
    """

    def __init__(self, seed: int | None, index: int) -> None:
        entropy = np.random.SeedSequence().entropy if seed is None else seed
        self._generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy, spawn_key=(index,))))

    def draw(self, candidates: Candidates) -> int:
        """A token id, by the candidates' probabilities. Takes exactly one number, however many candidates there are."""
        reached = np.cumsum(probabilities(candidates.logits))
        place = int(np.searchsorted(reached, self._generator.random() * reached[-1], side="right"))
        return int(candidates.token_ids[min(place, len(candidates.token_ids) - 1)])
