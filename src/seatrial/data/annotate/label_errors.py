"""Labels that are probably wrong: a model that has not seen a text is confident that another label is right.

Every text gets its probabilities from a model that learned from the other texts (cross-validation); equal texts stay in
one fold, so that no text is judged by a model that has seen its copy. What is listed is for a person to look at.

Refuses to know: files. Any model can be handed in.

Source: Northcutt, Jiang and Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels", through the
package cleanlab.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seatrial.errors import DataError, MissingExtraError
from seatrial.progress import Progress, silent

__all__ = ["LabelIssue", "Learner", "held_out_probabilities", "label_issues", "tfidf_learner"]

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Learner = Callable[[Sequence[str], Places, int, Sequence[str]], Floats]
"""Texts to learn from, their labels as positions, how many labels there are, texts to answer for [n] → [n, k]."""

FEWEST_PER_LABEL = 2
LARGE = 2000
"""From so many texts on, features that occur once or twice are left out."""


@dataclass(frozen=True, slots=True)
class LabelIssue:
    """A label to look at again.

    Attributes:
        index: of the text, from 0.
        given: the label it has.
        suggested: the label that the model finds likeliest.
        score: how likely the model finds the given label, between 0 and 1; the lower, the more suspicious.
        suggested_score: how likely it finds the suggested one.
    """

    index: int
    given: str
    suggested: str
    score: float
    suggested_score: float


def label_issues(
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    learner: Learner | None = None,
    probabilities: Floats | None = None,
    names: Sequence[str] = (),
    folds: int = 5,
    seed: int = 0,
    progress: Progress = silent,
) -> list[LabelIssue]:
    """The labels that are probably wrong, the most suspicious first.

    Args:
        texts: one per label.
        labels: the labels as given, [n].
        learner: what learns and answers; TF-IDF with logistic regression when None.
        probabilities: held-out probabilities [n, k] in the order of `names`, when they are there already.
        names: the labels in order; sorted from `labels` when empty.
        folds: of the cross-validation; fewer where a label has fewer texts.
        seed: of the folds.
        progress: hears the folds done.

    Raises:
        DataError: fewer than two labels, a label with one text, or probabilities of another shape.
        MissingExtraError: cleanlab or scikit-learn is not installed.
    """
    order = tuple(names) or tuple(sorted(set(labels)))
    at = {name: place for place, name in enumerate(order)}
    given = np.array([at[label] for label in labels], dtype=np.intp)
    if probabilities is None:
        _check(given, order)
        probabilities = held_out_probabilities(
            texts, given, len(order), learner or tfidf_learner, folds=folds, seed=seed, progress=progress
        )
    elif probabilities.shape != (len(labels), len(order)):
        raise DataError(
            f"the probabilities are {list(probabilities.shape)}",
            where="probabilities",
            expected=f"{[len(labels), len(order)]}: one row per label given, one column per label",
        )
    found = _confident(given, probabilities)
    score = probabilities[found, given[found]]
    return [
        LabelIssue(
            int(i), order[given[i]], order[best], float(probabilities[i, given[i]]), float(probabilities[i, best])
        )
        for i in found[np.argsort(score, kind="stable")]
        if (best := int(probabilities[i].argmax())) != given[i]
    ]


def held_out_probabilities(
    texts: Sequence[str],
    given: Places,
    k: int,
    learner: Learner,
    *,
    folds: int = 5,
    seed: int = 0,
    progress: Progress = silent,
) -> Floats:
    """What a model says about each text that has not learned from it, [n, k].

    Args:
        texts: n texts.
        given: position of each text's label, [n].
        k: how many labels there are.
        learner: what learns and answers.
        folds: how often it learns, each time from all texts but one fold.
        seed: of the folds.
        progress: hears the folds done.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    try:
        from sklearn.model_selection import StratifiedGroupKFold
    except ImportError as error:
        raise MissingExtraError("finding label errors", "data") from error
    counts = np.bincount(given, minlength=k)
    folds = max(2, min(folds, int(counts[counts > 0].min())))
    first: dict[str, int] = {}
    groups = [first.setdefault(text, i) for i, text in enumerate(texts)]
    result = np.zeros((len(texts), k))
    parts = StratifiedGroupKFold(folds, shuffle=True, random_state=seed).split(groups, given, groups)
    for done, (learn, answer) in enumerate(parts, start=1):
        result[answer] = learner([texts[i] for i in learn], given[learn], k, [texts[i] for i in answer])
        progress("folds", done, folds)
    return result


def tfidf_learner(texts: Sequence[str], given: Places, k: int, asked: Sequence[str]) -> Floats:
    """Logistic regression on words, pairs of words, and 2 to 5 characters within words; a `Learner`."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import FeatureUnion
    from threadpoolctl import threadpool_limits

    large = len(texts) >= LARGE
    pattern = r"\w+|[^\w\s]+"  # emoticons and words of one letter count
    features = FeatureUnion(
        [
            ("words", TfidfVectorizer(ngram_range=(1, 2), min_df=1 + large, sublinear_tf=True, token_pattern=pattern)),
            ("parts", TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=1 + 2 * large, sublinear_tf=True)),
        ]
    )
    matrix = features.fit_transform(texts)
    result = np.zeros((len(asked), k))
    present = np.unique(given)
    if len(present) == 1:
        result[:, present] = 1.0
        return result
    # The matrix is sparse: BLAS has only tiny products to share out, and its threads would spin while they wait.
    with threadpool_limits(limits=1, user_api="blas"):
        model = LogisticRegression(C=3.0, max_iter=1000).fit(matrix, given)
    result[:, present] = model.predict_proba(features.transform(asked))
    return result


def _check(given: Places, order: Sequence[str]) -> None:
    counts = np.bincount(given, minlength=len(order))
    if (counts > 0).sum() < 2:
        raise DataError("there are fewer than two labels", where="labels", hint="check which column holds the label")
    for name, count in zip(order, counts, strict=True):
        if 0 < count < FEWEST_PER_LABEL:
            raise DataError(
                f"the label {name!r} has one text",
                where="labels",
                expected=f"at least {FEWEST_PER_LABEL} of each label",
                hint="correct it if it is a slip of the pen, or add texts",
            )


def _confident(given: Places, probabilities: Floats) -> Places:
    """Positions whose label confident learning finds wrong."""
    try:
        from cleanlab.filter import find_label_issues  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingExtraError("finding label errors", "data") from error
    present = np.unique(given)  # cleanlab wants every class to occur
    moved = np.searchsorted(present, given)
    kept = probabilities[:, present] + 1e-12
    kept = kept / kept.sum(axis=1, keepdims=True)
    mask: Any = find_label_issues(moved, kept, filter_by="both", n_jobs=1)
    return np.flatnonzero(mask)
