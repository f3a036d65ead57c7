"""Findings → the text with something else in their places. Refuses to know: how they were found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from seatrial.data.redact.base import Finding

__all__ = ["mask_token", "replaced"]


def mask_token(entity: str) -> str:
    """What stands for every value of the entity: ``[EMAIL]``."""
    return f"[{entity.upper()}]"


def replaced(text: str, findings: Sequence[Finding], instead: Callable[[str, str], str]) -> tuple[str, dict[str, int]]:
    """The text with each finding replaced, and how many there were of each entity.

    Args:
        text: as it was searched.
        findings: in the order of the text, none overlapping.
        instead: (value, entity) → what shall stand there.
    """
    pieces: list[str] = []
    counts: Counter[str] = Counter()
    behind = 0
    for finding in findings:
        pieces += (text[behind : finding.start], instead(text[finding.start : finding.end], finding.entity))
        counts[finding.entity] += 1
        behind = finding.end
    pieces.append(text[behind:])
    return "".join(pieces), dict(counts)
