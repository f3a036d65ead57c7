"""Texts through all steps in order. Refuses to know: where a text came from, and what becomes of a refusal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from seatrial.data.clean.base import Changed, Cleaner, CleanStep, Refusal
from seatrial.data.clean.build import NamedCleaner

__all__ = ["Cleaned", "change_table", "clean_text", "clean_texts"]


@dataclass(slots=True)
class Cleaned:
    """What became of a text.

    Attributes:
        text: after the last step, or before the one that refused it.
        refused: (step, reason), or None.
        counts: (step, kind of change) → how often; a step that says no more counts once as ``"changed"``.
        passed: how many steps it went through before it was refused, or all.
    """

    text: str
    refused: tuple[str, str] | None = None
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    passed: int = 0


def clean_texts(texts: Sequence[str], steps: Sequence[NamedCleaner]) -> list[Cleaned]:
    """Clean several texts; each comes out as it would by itself.

    Args:
        texts: as they were read.
        steps: in order; after a refusal no further one is asked about that text.
    """
    done = [Cleaned(text) for text in texts]
    for step in steps:
        left = [its for its in done if its.refused is None]
        for its, result in zip(left, _results(step.clean, [its.text for its in left]), strict=True):
            _take(its, step.name, result)
    return done


def clean_text(text: str, steps: Sequence[NamedCleaner]) -> Cleaned:
    """Clean one text; see `clean_texts`."""
    return clean_texts([text], steps)[0]


def _results(clean: Cleaner, texts: Sequence[str]) -> Sequence[str | Refusal | Changed]:
    return clean.each(texts) if isinstance(clean, CleanStep) else [clean(text) for text in texts]


def _take(its: Cleaned, step: str, result: str | Refusal | Changed) -> None:
    """Note down what a step made of a text."""
    if isinstance(result, Refusal):
        its.refused = (step, result.reason)
        return
    its.passed += 1
    if isinstance(result, Changed):
        changes: Mapping[str, int] = result.counts
        its.text = result.text
    elif result != its.text:
        changes = {"changed": 1}
        its.text = result
    else:
        return
    for kind, count in changes.items():
        its.counts[step, kind] = its.counts.get((step, kind), 0) + count


def change_table(counts: Mapping[tuple[str, str], int]) -> list[dict[str, Any]]:
    """Rows {step, change, count} of the texts that were kept, the most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"step": step, "change": change, "count": count} for (step, change), count in ordered]
