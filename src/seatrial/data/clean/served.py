"""The cleaning of training, applied to the texts that a served model is asked about."""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.data.clean.base import Changed, Cleaner, CleanStep, Refusal
from seatrial.data.clean.build import build_cleaners
from seatrial.spec.cleaning import CleaningStep

__all__ = ["ServedCleaning"]


class ServedCleaning:
    """Texts as the model would have seen them in training.

    A step that would have dropped a text lets it pass here: whoever asks gets an answer.

    Args:
        steps: registered names, with options where they have any, in order.

    Raises:
        SpecError: a step that is not installed here.
        SeatrialError: a step needs a package that is not installed here.
    """

    def __init__(self, steps: Sequence[CleaningStep]) -> None:
        built = build_cleaners(steps, where="config.json: seatrial.clean")
        parts = [step.clean.served() if isinstance(step.clean, CleanStep) else step.clean for step in built]
        self._cleaners: list[Cleaner] = [part for part in parts if part is not None]

    def __call__(self, texts: Sequence[str]) -> list[str]:
        """Each text cleaned, in order."""
        return [self._cleaned(text) for text in texts]

    def _cleaned(self, text: str) -> str:
        for clean in self._cleaners:
            result = clean(text)
            if isinstance(result, Changed):
                text = result.text
            elif not isinstance(result, Refusal):
                text = result
        return text
