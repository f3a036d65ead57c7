"""What is in two splits at once: exact copies, near copies, groups. Looks at any division, whoever made it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from seatrial.data.dedupe.exact import normalized
from seatrial.records import SPLITS

__all__ = ["KINDS", "Leak", "find_leaks", "training_side"]

KINDS = ("exact copy", "near copy", "group")


@dataclass(frozen=True, slots=True)
class Leak:
    """Examples that belong together and are in more than one split.

    Attributes:
        kind: one of `KINDS`.
        indices: all of them, ascending.
        splits: the splits they are in, in the order train, validation, test.
    """

    kind: str
    indices: tuple[int, ...]
    splits: tuple[str, ...]


def find_leaks(
    splits: Sequence[str],
    *,
    texts: Sequence[str] = (),
    clusters: Iterable[Sequence[int]] = (),
    groups: Sequence[str | None] = (),
) -> list[Leak]:
    """Everything that is in more than one split.

    Args:
        splits: of each example.
        texts: of each example, to find exact copies (case, width and spaces aside); none to leave that out.
        clusters: indices of near copies.
        groups: of each example; those with None have none.

    Returns:
        Exact copies, then near copies that are not exact ones already named, then groups.
    """
    found: list[Leak] = []
    found += _torn("exact copy", _alike(map(_digest, texts)), splits)
    named = {leak.indices for leak in found}
    found += [leak for leak in _torn("near copy", clusters, splits) if leak.indices not in named]
    found += _torn("group", _alike(groups), splits)
    return found


def training_side(leaks: Iterable[Leak], splits: Sequence[str]) -> dict[str, list[int]]:
    """What has to go so that nothing leaks: of each leak, all but the examples in the split that measures most.

    Test counts more than validation, validation more than train.

    Returns:
        Reason → indices, ascending; an index is under one reason only.
    """
    reasons: dict[str, list[int]] = {}
    gone: set[int] = set()
    for leak in leaks:
        kept = leak.splits[-1]
        reason = f"same group as a {kept} example" if leak.kind == "group" else f"{leak.kind} of a {kept} example"
        for index in leak.indices:
            if splits[index] != kept and index not in gone:
                gone.add(index)
                reasons.setdefault(reason, []).append(index)
    return {reason: sorted(indices) for reason, indices in reasons.items()}


def _digest(text: str) -> bytes | None:
    """None for a text with nothing in it, which is a copy of no other."""
    same = normalized(text)
    return hashlib.blake2b(same.encode(), digest_size=16).digest() if same else None


def _alike(values: Iterable[object]) -> list[list[int]]:
    groups: dict[object, list[int]] = {}
    for index, value in enumerate(values):
        if value is not None:
            groups.setdefault(value, []).append(index)
    return [indices for indices in groups.values() if len(indices) > 1]


def _torn(kind: str, together: Iterable[Sequence[int]], splits: Sequence[str]) -> list[Leak]:
    found = []
    for indices in together:
        its = {splits[index] for index in indices}
        if len(its) > 1:
            found.append(Leak(kind, tuple(indices), tuple(name for name in SPLITS if name in its)))
    return found
