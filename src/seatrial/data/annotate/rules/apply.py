"""Ask every rule about every text, and tell how rules stand to each other: coverage, overlaps, conflicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seatrial.data.annotate.ratings import Ratings
from seatrial.data.annotate.rules.base import Rule
from seatrial.data.annotate.rules.read import read_rules
from seatrial.data.flow.workers import ordered_map
from seatrial.errors import DataError
from seatrial.progress import Progress, silent
from seatrial.registry import did_you_mean

__all__ = ["apply_rules", "apply_rules_file", "rule_table"]

Answers = Sequence[str | None]
PROGRESS_TEXTS = 1000


def apply_rules(texts: Iterable[str], rules: Sequence[Rule], labels: Sequence[str]) -> Ratings:
    """What the rules say, each rule as a rater, each text as an item named by its number from 1.

    Args:
        texts: read once, in order.
        rules: asked in order.
        labels: what they may say.

    Raises:
        DataError: a rule says something else.
    """
    return _gathered((_ask(text, rules) for text in texts), [rule.name for rule in rules], labels)


def apply_rules_file(texts: Iterable[str], file: Path, *, workers: int = 1, progress: Progress = silent) -> Ratings:
    """The same for the rules of a file, in several processes.

    Args:
        texts: read once, in order.
        file: the rules, see `read_rules`.
        workers: processes; each reads the file.
        progress: hears the texts done.

    Raises:
        SpecError, DataError, MissingExtraError: as `read_rules` and `apply_rules`.
    """
    labels, rules = read_rules(file)
    asked = ordered_map(_ask_here, texts, workers=workers, prepare=_prepare, prepared_with=(file,))
    return _gathered(_told(asked, progress), [rule.name for rule in rules], labels)


_rules: list[Rule] = []
"""The rules of this process, read once by `_prepare`."""


def _prepare(file: Path) -> None:
    _rules[:] = read_rules(file)[1]


def _ask_here(texts: Sequence[str]) -> list[list[str | None]]:
    return [_ask(text, _rules) for text in texts]


def _ask(text: str, rules: Sequence[Rule]) -> list[str | None]:
    return [rule.says(text) for rule in rules]


def _told(asked: Iterator[tuple[str, Answers]], progress: Progress) -> Iterator[Answers]:
    done = 0
    for done, (_, answers) in enumerate(asked, start=1):
        if done % PROGRESS_TEXTS == 0:
            progress("texts", done)
        yield answers
    progress("texts", done, done)


def _gathered(answers: Iterable[Answers], names: Sequence[str], labels: Sequence[str]) -> Ratings:
    at = {label: place for place, label in enumerate(labels)}
    said: list[tuple[int, int, int]] = []
    n = 0
    for n, row in enumerate(answers, start=1):
        for place, label in enumerate(row):
            if label is None:
                continue
            if label not in at:
                raise DataError(
                    f"the rule {names[place]!r} says {label!r} about text {n}",
                    where="rules",
                    expected=f"one of {', '.join(labels)}, or None",
                    hint=did_you_mean(str(label), list(labels)),
                )
            said.append((n - 1, place, at[label]))
    table = np.array(said, dtype=np.intp).reshape(-1, 3)
    items = tuple(str(number) for number in range(1, n + 1))
    return Ratings(items, tuple(names), tuple(labels), table[:, 0], table[:, 1], table[:, 2])


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
