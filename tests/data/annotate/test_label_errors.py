"""Planted wrong labels are found, and most of what is found is planted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from seatrial.data.annotate.label_errors import Floats, Places, held_out_probabilities, label_issues
from seatrial.errors import DataError

WORDS = {
    "fruit": "apple pear plum cherry fig",
    "tool": "hammer saw drill pliers wrench",
    "sky": "star moon sun cloud rain",
}


def texts_and_labels(n: int = 240) -> tuple[list[str], list[str], set[int]]:
    """Texts that give their label away, and every twentieth label wrong."""
    draws = np.random.default_rng(3)
    names = list(WORDS)
    texts, labels, wrong = [], [], set()
    for i in range(n):
        name = names[i % 3]
        texts.append(" ".join([*draws.choice(WORDS[name].split(), 4), f"n{i}"]))
        labels.append(name)
        if i % 20 == 7:
            labels[i] = names[(i + 1) % 3]
            wrong.add(i)
    return texts, labels, wrong


def test_planted_errors_are_found() -> None:
    texts, labels, wrong = texts_and_labels()
    found = label_issues(texts, labels, seed=1)
    assert {issue.index for issue in found} == wrong
    issue = found[0]
    assert (issue.given, issue.suggested) == (labels[issue.index], list(WORDS)[issue.index % 3])
    assert issue.score < 0.5 < issue.suggested_score
    assert [issue.score for issue in found] == sorted(issue.score for issue in found)


def test_any_model_can_be_handed_in_and_never_answers_what_it_learned() -> None:
    texts, labels, wrong = texts_and_labels(60)
    asked_for: list[str] = []

    def learner(learned: Sequence[str], given: Places, k: int, asked: Sequence[str]) -> Floats:
        assert len(learned) == len(given) == 60 - len(asked)
        assert not set(learned) & set(asked)
        asked_for.extend(asked)
        first = [next(i for i, words in enumerate(sorted(WORDS)) if text.split()[0] in WORDS[words]) for text in asked]
        return np.eye(k)[first] * 0.9 + 0.1 / 3

    done: list[tuple[str, int]] = []
    found = label_issues(
        texts,
        labels,
        learner=learner,
        folds=4,
        progress=lambda what, at, total=None, figures=None: done.append((what, at)),
    )
    assert {issue.index for issue in found} == wrong
    assert sorted(asked_for) == sorted(texts)
    assert done == [("folds", 1), ("folds", 2), ("folds", 3), ("folds", 4)]


def test_copies_stay_in_one_fold() -> None:
    texts = [f"text {i // 2}" for i in range(40)]
    given = np.array([i % 2 for i in range(40)])

    def learner(learned: Sequence[str], given: Places, k: int, asked: Sequence[str]) -> Floats:
        assert not set(learned) & set(asked)
        return np.full((len(asked), k), 1 / k)

    held_out_probabilities(texts, given, 2, learner)


def test_probabilities_that_are_there_already() -> None:
    probabilities = np.tile([[0.9, 0.1]], (20, 1))
    probabilities[10:] = [0.1, 0.9]
    labels = ["a"] * 10 + ["b"] * 10
    labels[3] = "b"
    found = label_issues([""] * 20, labels, probabilities=probabilities)
    assert [(issue.index, issue.suggested) for issue in found] == [(3, "a")]
    with pytest.raises(DataError, match=r"the probabilities are \[20, 2\]"):
        label_issues([""] * 21, [*labels, "c"], probabilities=probabilities)


@pytest.mark.parametrize(
    ("labels", "why"), [(["a"] * 9, "fewer than two labels"), (["a"] * 9 + ["b"], "'b' has one text")]
)
def test_labels_that_no_model_can_learn(labels: list[str], why: str) -> None:
    with pytest.raises(DataError, match=why):
        label_issues(["text"] * len(labels), labels)
