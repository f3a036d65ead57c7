"""The cleaning of training, applied to the texts that a served model is asked about."""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.data.clean import CLEANERS, Refusal

__all__ = ["clean_served"]


def clean_served(texts: Sequence[str], steps: Sequence[str]) -> list[str]:
    """Each text as the model would have seen it in training.

    A step that would have dropped a text lets it pass here: whoever asks gets an answer.

    Args:
        texts: as they were sent.
        steps: registered names, in order.

    Raises:
        SpecError: a step that is not installed here.
    """
    cleaners = [CLEANERS.get(name, where="config.json: seatrial.clean") for name in steps]

    def cleaned(text: str) -> str:
        for clean in cleaners:
            result = clean(text)
            if not isinstance(result, Refusal):
                text = result
        return text

    return [cleaned(text) for text in texts]
