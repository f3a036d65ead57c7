"""Which member of a cluster stays. The rule is the same for exact, near and semantic copies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["KEEP", "Keep", "Verdict", "judge_cluster"]

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


def judge_cluster(
    members: Sequence[int],
    keep: Keep,
    *,
    labels: Sequence[int],
    lengths: Sequence[int],
    protected: Sequence[int],
) -> Verdict:
    """Decide one cluster.

    Args:
        members: indices in ascending order; at least two.
        keep: ``"first"``; ``"longest"``, of several the first; ``"majority"``, the first with the label that more than
            half of the members have, or none.
        labels: of all texts, as numbers; only read for ``"majority"``.
        lengths: of all texts, in characters; only read for ``"longest"``.
        protected: of all texts; not 0 where it stays whatever the rule says. Then it is the others that go.
    """
    safe = tuple(index for index in members if protected[index])
    if safe:
        return Verdict(kept=safe, leaked=tuple(index for index in members if not protected[index]))
    if keep == "longest":
        kept = max(members, key=lambda index: (lengths[index], -index))
    elif keep == "first":
        kept = members[0]
    else:
        (label, votes), *_ = Counter(labels[index] for index in members).most_common(1)
        if 2 * votes <= len(members):
            return Verdict(undecided=tuple(members))
        kept = next(index for index in members if labels[index] == label)
        others = [index for index in members if index != kept]
        return Verdict(
            kept=(kept,),
            copies=tuple(index for index in others if labels[index] == label),
            outvoted=tuple(index for index in others if labels[index] != label),
        )
    return Verdict(kept=(kept,), copies=tuple(index for index in members if index != kept))
