"""What is in two splits at once: exact copies, near copies, groups. Looks at any division, whoever made it.

Also at that of files into folds: a split is then called ``fold-1`` and so on.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from seatrial.data.dedupe.exact import normalized
from seatrial.records import SPLITS

__all__ = ["KINDS", "Leak", "find_leaks", "kinds_of", "leaks_among", "place_of", "training_side", "two_of"]

KINDS = ("exact copy", "near copy", "group")


@dataclass(frozen=True, slots=True)
class Leak:
    """Examples that belong together and are in more than one split.

    Attributes:
        kind: one of `KINDS`.
        indices: all of them, ascending.
        splits: the splits they are in, in the order of `place_of`.
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
    return leaks_among(splits, exact=_alike(map(_digest, texts)), near=clusters, groups=_alike(groups))


def leaks_among(
    splits: Sequence[str],
    *,
    exact: Iterable[Sequence[int]] = (),
    near: Iterable[Sequence[int]] = (),
    groups: Iterable[Sequence[int]] = (),
) -> list[Leak]:
    """The same where it is known already what belongs together.

    Args:
        splits: of each example.
        exact: indices of exact copies, ascending.
        near: indices of near copies, ascending.
        groups: indices of what is in one group, ascending.
    """
    found = _torn("exact copy", exact, splits)
    named = {leak.indices for leak in found}
    found += [leak for leak in _torn("near copy", near, splits) if leak.indices not in named]
    return found + _torn("group", groups, splits)


def two_of(leak: Leak, splits: Sequence[str]) -> tuple[int, int]:
    """Two members that are in different splits."""
    first = leak.indices[0]
    return first, next(index for index in leak.indices if splits[index] != splits[first])


def kinds_of(leaks: Iterable[Leak]) -> str:
    """How many there are of each kind, for a message."""
    counts = Counter(leak.kind for leak in leaks)
    return ", ".join(f"{counts[kind]} of kind {kind}" for kind in KINDS if counts[kind])


def place_of(split: str) -> tuple[int, int]:
    """What splits are put in order by: train, validation, test; folds by number."""
    return (SPLITS.index(split), 0) if split in SPLITS else (len(SPLITS), int(split.partition("-")[2]))


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
    found: list[Leak] = []
    for indices in together:
        its = {splits[index] for index in indices}
        if len(its) > 1:
            found.append(Leak(kind, tuple(indices), tuple(sorted(its, key=place_of))))
    return found
