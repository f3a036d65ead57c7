"""Ask every rule about every text, and tell how rules stand to each other: coverage, overlaps, conflicts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seatrial.data.annotate.ratings import Ratings
from seatrial.data.annotate.rules.base import Rule
from seatrial.errors import DataError
from seatrial.registry import did_you_mean

__all__ = ["apply_rules", "rule_table"]


def apply_rules(texts: Iterable[str], rules: Sequence[Rule], labels: Sequence[str]) -> Ratings:
    """What the rules say, each rule as a rater, each text as an item named by its number from 1.

    Args:
        texts: read once, in order.
        rules: asked in order.
        labels: what they may say.

    Raises:
        DataError: a rule says something else.
    """
    at = {label: place for place, label in enumerate(labels)}
    item: list[int] = []
    rater: list[int] = []
    level: list[int] = []
    n = 0
    for text in texts:
        for place, rule in enumerate(rules):
            said = rule.says(text)
            if said is None:
                continue
            if said not in at:
                raise DataError(
                    f"the rule {rule.name!r} says {said!r} about text {n + 1}",
                    where="rules",
                    expected=f"one of {', '.join(labels)}, or None",
                    hint=did_you_mean(str(said), list(labels)),
                )
            item.append(n)
            rater.append(place)
            level.append(at[said])
        n += 1
    return Ratings(
        tuple(str(number) for number in range(1, n + 1)),
        tuple(rule.name for rule in rules),
        tuple(labels),
        np.array(item, dtype=np.intp),
        np.array(rater, dtype=np.intp),
        np.array(level, dtype=np.intp),
    )


def rule_table(votes: Ratings, truth: NDArray[np.intp] | None = None) -> list[dict[str, Any]]:
    """One row per rule.

    Args:
        votes: as `apply_rules` gives them.
        truth: position of the right label of each text, -1 where it is not known; None without any.

    Returns:
        `rule`; `labels` it says; `texts` it says something about; of all texts the share that it covers (`coverage`),
        that another rule covers too (`overlaps`), and about which another rule says something else (`conflicts`); with
        `truth` the share of right answers among known ones (`accuracy`), None where there is none.
    """
    n = len(votes.items)
    counts = votes.counts()
    said = counts[votes.item, votes.level]
    others = counts.sum(axis=1)[votes.item]
    rows: list[dict[str, Any]] = []
    for place, name in enumerate(votes.raters):
        own = votes.rater == place
        row: dict[str, Any] = {
            "rule": name,
            "labels": [votes.levels[level] for level in np.unique(votes.level[own])],
            "texts": int(own.sum()),
            "coverage": _share(own.sum(), n),
            "overlaps": _share((own & (others > 1)).sum(), n),
            "conflicts": _share((own & (others > said)).sum(), n),
        }
        if truth is not None:
            known = own & (truth[votes.item] >= 0)
            row["accuracy"] = float((truth[votes.item] == votes.level)[known].mean()) if known.any() else None
        rows.append(row)
    return rows


def _share(part: np.intp, whole: int) -> float:
    return float(part) / whole if whole else 0.0
