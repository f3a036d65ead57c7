"""The classical opponent: TF-IDF of words and characters, then logistic regression, tuned on the training split."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seatrial.errors import MissingExtraError
from seatrial.evaluate.opponents.base import text_of
from seatrial.records import Example

__all__ = ["TfidfLogreg"]

STRENGTHS = (1.0, 3.0, 10.0, 30.0)
"""Inverse regularisation strengths to choose from."""
FOLDS = 3
TUNING_EXAMPLES = 6000
"""The strength is chosen on at most so many examples, which bounds the time; the final fit takes all."""


class TfidfLogreg:
    """See `Opponent`; words and pairs of words, and 2 to 5 characters within words, as sublinear TF-IDF."""

    def __init__(self, train: Sequence[Example], labels: Sequence[str], seed: int) -> None:
        try:
            from sklearn.linear_model import LogisticRegression
        except ModuleNotFoundError as error:
            raise MissingExtraError("the opponent tfidf-logreg", "train") from error
        index = {label: i for i, label in enumerate(labels)}
        truth = np.array([index[example.label] for example in train])
        self._k = len(labels)
        self._features = _features()
        matrix = self._features.fit_transform([text_of(example) for example in train])
        strength = _best_strength(matrix, truth, seed)
        self._model = LogisticRegression(C=strength, max_iter=300, tol=1e-3, random_state=seed).fit(matrix, truth)

    def probabilities(self, examples: Sequence[Example]) -> NDArray[np.float64]:
        """See `Opponent.probabilities`; 0 for a label that the training split lacks."""
        result = np.zeros((len(examples), self._k))
        if examples:
            matrix = self._features.transform([text_of(example) for example in examples])
            result[:, self._model.classes_] = self._model.predict_proba(matrix)
        return result


def _features() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion

    # Emoticons, punctuation and words of one letter count, which the default pattern drops.
    pattern = r"\w+|[^\w\s]+"
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, token_pattern=pattern)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=3, sublinear_tf=True)
    return FeatureUnion([("words", words), ("characters", characters)])


def _best_strength(matrix: Any, truth: NDArray[np.intp], seed: int) -> float:
    """The strength with the best cross-validated accuracy; the middle one when a label is too rare to fold."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score

    chosen = np.random.default_rng(seed).permutation(len(truth))[:TUNING_EXAMPLES]
    counts = np.bincount(truth[chosen])
    if counts[counts > 0].min() < FOLDS:
        return STRENGTHS[1]
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    accuracies = [
        cross_val_score(
            LogisticRegression(C=strength, max_iter=300, tol=1e-2), matrix[chosen], truth[chosen], cv=folds
        ).mean()
        for strength in STRENGTHS
    ]
    return STRENGTHS[int(np.argmax(accuracies))]
