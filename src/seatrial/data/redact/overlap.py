"""Findings that overlap become one, so that no part of any of them is left in the text.

The rule: findings that share a character form a group; the group's span is everything from its first to its last
character; it is named after its longest finding, of equally long ones the one with the higher score, then the one whose
entity comes first in the alphabet.
"""

from __future__ import annotations

from collections.abc import Iterable

from seatrial.data.redact.base import Finding

__all__ = ["without_overlaps"]


def without_overlaps(findings: Iterable[Finding]) -> list[Finding]:
    """The findings in the order of the text, none sharing a character with another."""
    groups: list[tuple[int, Finding]] = []  # (end of the group, finding that names it); its start is the first's
    starts: list[int] = []
    for finding in sorted(findings, key=lambda one: (one.start, one.end)):
        if groups and finding.start < groups[-1][0]:
            end, named = groups[-1]
            groups[-1] = (max(end, finding.end), min(named, finding, key=_rank))
        else:
            groups.append((finding.end, finding))
            starts.append(finding.start)
    return [Finding(start, end, named.entity, named.score) for start, (end, named) in zip(starts, groups, strict=True)]


def _rank(finding: Finding) -> tuple[int, float, str]:
    return (finding.start - finding.end, -finding.score, finding.entity)
