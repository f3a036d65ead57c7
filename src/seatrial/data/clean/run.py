"""One text through all steps in order. Refuses to know: where the text came from, and what becomes of a refusal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from seatrial.data.clean.base import Changed, Refusal
from seatrial.data.clean.build import NamedCleaner

__all__ = ["Cleaned", "change_table", "clean_text"]


@dataclass(slots=True)
class Cleaned:
    """What became of a text.

    Attributes:
        text: after the last step, or before the one that refused it.
        refused: (step, reason), or None.
        counts: (step, kind of change) → how often; a step that says no more counts once as ``"changed"``.
    """

    text: str
    refused: tuple[str, str] | None = None
    counts: Mapping[tuple[str, str], int] = field(default_factory=dict)


def clean_text(text: str, steps: Sequence[NamedCleaner]) -> Cleaned:
    """Clean one text.

    Args:
        text: as it was read.
        steps: in order; after a refusal no further one is asked.
    """
    counts: dict[tuple[str, str], int] = {}
    for step in steps:
        result = step.clean(text)
        if isinstance(result, Refusal):
            return Cleaned(text, (step.name, result.reason), counts)
        if isinstance(result, Changed):
            for kind, count in result.counts.items():
                counts[step.name, kind] = counts.get((step.name, kind), 0) + count
            text = result.text
        elif result != text:
            counts[step.name, "changed"] = counts.get((step.name, "changed"), 0) + 1
            text = result
    return Cleaned(text, None, counts)


def change_table(counts: Mapping[tuple[str, str], int]) -> list[dict[str, Any]]:
    """Rows {step, change, count} of the texts that were kept, the most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"step": step, "change": change, "count": count} for (step, change), count in ordered]
