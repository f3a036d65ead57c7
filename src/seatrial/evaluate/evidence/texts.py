"""Evidence for what a model wrote: answers that are not the wanted ones, beside these."""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.evaluate.evidence.base import Predictions, Settings, Shown
from seatrial.evaluate.text_rows import FITS, texts_of
from seatrial.records import Example
from seatrial.tasks.conversations import is_conversation, said_in

__all__ = ["text_evidence"]

ANSWERS = 20
MOST_CHARACTERS = 400


def text_evidence(predictions: Predictions, labels: Sequence[str], settings: Settings) -> Shown:
    """See `Evidence`; the table `answers` {asked, wanted, written, fits, slices}, those that do not fit first."""
    del labels, settings  # there are none, and the figures have their intervals elsewhere
    written, wanted = texts_of(predictions.label_scores), texts_of(predictions.truth)
    fits = predictions.label_scores[:, FITS] > 0
    other = [place for place in range(len(written)) if written[place].strip() != wanted[place].strip()]
    rows = [
        {
            "asked": _short(_asked(predictions.examples[place])),
            "wanted": _short(wanted[place]),
            "written": _short(written[place]),
            "fits": bool(fits[place]),
            "slices": dict(predictions.examples[place].slices),
        }
        for place in sorted(other, key=lambda place: bool(fits[place]))[:ANSWERS]
    ]
    return Shown({"answers": rows}, facts={"answers": len(written), "answers_as_wanted": len(written) - len(other)})


def _asked(example: Example) -> str:
    """What the user said last, or all that is read."""
    if not is_conversation(example):
        return "\n".join(example.inputs.values())
    return next((one["content"] for one in reversed(said_in(example)) if one["role"] == "user"), "")


def _short(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS] + "…"
