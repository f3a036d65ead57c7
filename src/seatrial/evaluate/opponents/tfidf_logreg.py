"""The classical opponent: TF-IDF of words and characters, then logistic regression, tuned on the training split."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seatrial.errors import MissingExtraError
from seatrial.evaluate.measure import label_indices
from seatrial.evaluate.opponents.base import Opponent, text_of
from seatrial.records import Example

__all__ = ["TfidfLogreg"]

STRENGTHS = (1.0, 3.0, 10.0)
"""Inverse regularisation strengths to choose from."""
FOLDS = 3
TUNING_EXAMPLES = 3000
"""The strength is chosen on at most so many examples, which bounds the time; the final fit takes all."""
LARGE = 2000
"""From so many texts on, features that occur once or twice are left out."""


class TfidfLogreg(Opponent):
    """See `Opponent`; words and pairs of words, and 2 to 5 characters within words, as sublinear TF-IDF.

    Where people rated the examples it learns their distribution, as the model does.
    """

    def __init__(self, train: Sequence[Example], labels: Sequence[str], seed: int) -> None:
        try:
            import sklearn  # noqa: F401
        except ModuleNotFoundError as error:
            raise MissingExtraError("the opponent tfidf-logreg", "train") from error
        from threadpoolctl import threadpool_limits

        train = [example for example in train if example.label]  # the others have nothing to teach
        targets = _targets(train, labels)
        self._features = _features(large=len(train) >= LARGE)
        matrix = self._features.fit_transform([text_of(example) for example in train])
        self._k = len(labels)
        # The matrices are sparse, so BLAS has only tiny products to share out, and its threads spin while they wait:
        # beside other work on the same cores that made the fit ten times slower.
        with threadpool_limits(limits=1, user_api="blas"):
            self._model = _fit(matrix, targets, _best_strength(matrix, targets, label_indices(train, labels), seed))

    def probabilities(self, examples: Sequence[Example]) -> NDArray[np.float64]:
        """See `Opponent.probabilities`; 0 for a label that the training split lacks."""
        result = np.zeros((len(examples), self._k))
        if examples:
            matrix = self._features.transform([text_of(example) for example in examples])
            result[:, self._model.classes_] = self._model.predict_proba(matrix)
        return result


def _targets(train: Sequence[Example], labels: Sequence[str]) -> NDArray[np.float64]:
    """Shares per label, [n, k]; one-hot for an example that nobody rated."""
    targets = np.eye(len(labels))[label_indices(train, labels)]
    for row, example in zip(targets, train, strict=True):
        if example.distribution is not None:
            row[:] = example.distribution
    return targets


def _features(*, large: bool) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion

    pattern = r"\w+|[^\w\s]+"  # emoticons and words of one letter count; the default pattern drops them
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2 if large else 1, sublinear_tf=True, token_pattern=pattern)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=3 if large else 1, sublinear_tf=True)
    return FeatureUnion([("words", words), ("characters", characters)])


def _fit(matrix: Any, targets: NDArray[np.float64], strength: float) -> Any:
    """Logistic regression on soft targets: each text once per label that anyone gave it, weighted by its share."""
    from sklearn.linear_model import LogisticRegression

    texts, given = np.nonzero(targets)
    # With tol=1e-3 it stops short of the optimum, sooner for some strengths than for others: they would not compare.
    model = LogisticRegression(C=strength, max_iter=1000, tol=1e-4)
    return model.fit(matrix[texts], given, sample_weight=targets[texts, given])


def _best_strength(matrix: Any, targets: NDArray[np.float64], truth: NDArray[np.intp], seed: int) -> float:
    """The strength with the best cross-validated accuracy; the middle one when a label is too rare to fold."""
    from sklearn.model_selection import StratifiedKFold

    chosen = np.random.default_rng(seed).permutation(len(truth))[:TUNING_EXAMPLES]
    counts = np.bincount(truth[chosen])
    if counts[counts > 0].min() < FOLDS:
        return STRENGTHS[1]
    folds = list(StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(chosen, truth[chosen]))

    def correct(strength: float) -> int:
        total = 0
        for learn, check in folds:
            model = _fit(matrix[chosen[learn]], targets[chosen[learn]], strength)
            total += int((model.predict(matrix[chosen[check]]) == truth[chosen[check]]).sum())
        return total

    return max(STRENGTHS, key=correct)
