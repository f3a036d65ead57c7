"""Which member of a cluster stays. One rule for exact, near and semantic copies, in files and in projects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["KEEP", "NO_LABEL", "REASONS", "Copies", "Keep", "Verdict", "copies_to_drop", "judge_cluster"]

NO_LABEL = -1
"""The number of a label that is missing; it is no vote."""
REASONS = {
    "copies": "{} copy",
    "outvoted": "{} copy under another label than most",
    "undecided": "{} copies whose labels disagree",
    "leaked": "{} copy of a protected row",
}
"""What became of a member (an attribute of `Verdict`) → why it went, for a kind of copy."""
Keep = Literal["first", "longest", "majority"]
KEEP: tuple[Keep, ...] = ("first", "longest", "majority")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a cluster, as its members' indices.

    Attributes:
        kept: those that stay: one; none without a majority; several where more than one is protected.
        copies: those that go because another stays.
        outvoted: those that go, and carried another label than most.
        undecided: all, where labels decide and none has more than half of them.
        leaked: those that go because a protected one is their copy.
    """

    kept: tuple[int, ...] = ()
    copies: tuple[int, ...] = ()
    outvoted: tuple[int, ...] = ()
    undecided: tuple[int, ...] = ()
    leaked: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Copies:
    """What of all clusters to leave out, as indices in ascending order.

    Attributes:
        same: copies of a text that is kept.
        outvoted: copies under another label than most copies of that text.
        undecided: all copies of a text for which no label has more than half of them.
    """

    same: tuple[int, ...]
    outvoted: tuple[int, ...]
    undecided: tuple[int, ...]

    def reasons(self, kind: str) -> dict[str, tuple[int, ...]]:
        """Why → indices, for copies of a kind: ``"exact"``, ``"near"`` or ``"semantic"``."""
        gone = {"copies": self.same, "outvoted": self.outvoted, "undecided": self.undecided}
        return {REASONS[fate].format(kind): indices for fate, indices in gone.items()}


def copies_to_drop(
    clusters: Iterable[Sequence[int]],
    keep: Keep,
    *,
    labels: Sequence[str],
    lengths: Sequence[int] = (),
    ranks: Sequence[int] = (),
) -> Copies:
    """Decide every cluster; arguments as in `judge_cluster`, but labels by name, empty where there is none."""
    numbers = {name: place for place, name in enumerate(dict.fromkeys(labels))} | {"": NO_LABEL}
    numbered = [numbers[label] for label in labels]
    same: list[int] = []
    outvoted: list[int] = []
    undecided: list[int] = []
    for members in clusters:
        verdict = judge_cluster(members, keep, labels=numbered, lengths=lengths, ranks=ranks)
        same += verdict.copies
        outvoted += verdict.outvoted
        undecided += verdict.undecided
    return Copies(tuple(sorted(same)), tuple(sorted(outvoted)), tuple(sorted(undecided)))


def judge_cluster(
    members: Sequence[int],
    keep: Keep,
    *,
    labels: Sequence[int],
    lengths: Sequence[int],
    protected: Sequence[int] = (),
    ranks: Sequence[int] = (),
) -> Verdict:
    """Decide one cluster.

    Args:
        members: indices in ascending order; at least two.
        keep: ``"first"``; ``"longest"``, of several the first; ``"majority"``, the first with the label that more than
            half of those with a label have, or none. Where nobody has a label, the first.
        labels: of all texts, as numbers, `NO_LABEL` for none; only read for ``"majority"``.
        lengths: of all texts, in characters; only read for ``"longest"``.
        protected: of all texts; not 0 where it stays whatever the rule says. Then it is the others that go. None is,
            when empty.
        ranks: of all texts; those with the lowest rank in the cluster are chosen among. All are alike when empty.
    """
    safe = tuple(index for index in members if protected and protected[index])
    if safe:
        return Verdict(kept=safe, leaked=tuple(index for index in members if not protected[index]))
    counted = members if keep == "majority" else ()
    votes = Counter(labels[index] for index in counted if labels[index] != NO_LABEL)
    if not votes:
        kept = _best(members, lengths if keep == "longest" else (), ranks)
        return Verdict(kept=(kept,), copies=tuple(index for index in members if index != kept))
    (label, most), *_ = votes.most_common(1)
    if 2 * most <= votes.total():
        return Verdict(undecided=tuple(members))
    kept = _best([index for index in members if labels[index] == label], (), ranks)
    others = [index for index in members if index != kept]
    return Verdict(
        kept=(kept,),
        copies=tuple(index for index in others if labels[index] in (label, NO_LABEL)),
        outvoted=tuple(index for index in others if labels[index] not in (label, NO_LABEL)),
    )


def _best(members: Sequence[int], lengths: Sequence[int], ranks: Sequence[int]) -> int:
    """Of those with the lowest rank the longest, of these the first."""
    return min(members, key=lambda index: (ranks[index] if ranks else 0, -lengths[index] if lengths else 0, index))
