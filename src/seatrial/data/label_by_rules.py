"""Rows that nobody has labelled get labels by rules, with the shares that the label model gives them.

They are only learned from: `divide` puts them into the training split. Refuses to know: what the rules look at, and how
their answers are brought together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from seatrial.data.annotate.rules.apply import apply_rules, rule_table
from seatrial.data.annotate.rules.base import Rule
from seatrial.data.annotate.rules.read import read_rules
from seatrial.data.annotate.weak_labels import WeakLabels, weak_labels
from seatrial.data.base import ReadsRows
from seatrial.data.collect import Collected
from seatrial.data.drops import DropLog
from seatrial.errors import SpecError
from seatrial.records import Example
from seatrial.registry import did_you_mean
from seatrial.spec.data_rules import WeakRules

__all__ = ["label_by_rules", "project_rules", "rules_on_labelled"]

STEP = "rules"
SILENT = "no rule says anything about the text"
UNSURE = "the rules are not sure enough of a label"


def project_rules(spec: WeakRules, root: Path, labels: Sequence[str]) -> list[Rule]:
    """The rules of a project.

    Args:
        spec: the section of the project file.
        root: the project folder.
        labels: declared label names.

    Raises:
        SpecError: a rule may say something that is no label of the project, or the file says what cannot be meant.
        DataError: the file, or a lexicon of it, cannot be read.
        MissingExtraError: a rule needs a package that is not installed.
    """
    said, rules = read_rules(root / spec.file)
    strange = next((label for label in said if label not in labels), None)
    if strange is not None:
        raise SpecError(
            f"{spec.file} has the label {strange!r}, which the project does not declare",
            where="data.rules.file",
            expected=f"some of {', '.join(labels)}",
            hint=did_you_mean(strange, list(labels)) or "add it to labels, or take it out of the rules",
        )
    return rules


def label_by_rules(
    found: Collected, spec: WeakRules, rules: Sequence[Rule], labels: Sequence[str], *, task: ReadsRows, drops: DropLog
) -> list[dict[str, Any]]:
    """Label what nobody has labelled; what rules cannot label is taken out of `found`.

    Texts are asked about as they are after cleaning.

    Args:
        found: the examples.
        spec: the section of the project file.
        rules: as `project_rules` gives them.
        labels: declared label names in order.
        task: gives texts.
        drops: told of everything that is taken out.

    Returns:
        One row per rule: `rule`, `labels`, `texts`, `coverage`, `overlaps`, `conflicts`, of the rows without a label;
        and `trusted`, how often the rule is right as the label model sees it, None with `majority`. Empty where every
        row has a label.

    Raises:
        DataError: a rule says something that is no label.
    """
    places = [place for place, weak in enumerate(found.unlabelled) if weak]
    if not places:
        return []
    votes = apply_rules([task.text(found.examples[place]) for place in places], rules, labels)
    weak = weak_labels(votes, spec.combine)
    silent: list[int] = []
    unsure: list[int] = []
    for row, place in enumerate(places):
        if not weak.covered[row]:
            silent.append(place)
        elif not _clear(weak, row, spec.sure):
            unsure.append(place)
        else:
            found.examples[place] = _labelled(found.examples[place], weak, row, labels)
    found.leave_out({SILENT: silent, UNSURE: unsure}, STEP, task, drops)
    trusted = [None if np.isnan(share) else round(float(share), 4) for share in weak.accuracy]
    return [{**row, "trusted": share} for row, share in zip(rule_table(votes), trusted, strict=True)]


def rules_on_labelled(
    examples: Sequence[Example], rules: Sequence[Rule], labels: Sequence[str], *, task: ReadsRows
) -> dict[str, float | None]:
    """Rule → the share of right answers where it says something; None where it never does.

    Args:
        examples: labelled by people; of the training split, so that rules are not written for what is held out.
        rules: asked in order.
        labels: declared label names in order.
        task: gives texts.
    """
    votes = apply_rules([task.text(example) for example in examples], rules, labels)
    truth = np.array([labels.index(example.label) for example in examples], dtype=np.intp)
    return {row["rule"]: row["accuracy"] for row in rule_table(votes, truth)}


def _clear(weak: WeakLabels, row: int, sure: float) -> bool:
    """Whether one label is likelier than all others, and likely enough."""
    shares = np.sort(weak.distribution[row])
    return bool(shares[-1] >= sure and shares[-1] - shares[-2] > 1e-9)


def _labelled(example: Example, weak: WeakLabels, row: int, labels: Sequence[str]) -> Example:
    shares = tuple(round(float(share), 6) for share in weak.distribution[row])
    total = sum(shares)
    likeliest = labels[int(weak.distribution[row].argmax())]
    return replace(example, label=likeliest, distribution=tuple(share / total for share in shares))
