"""How like a written text is to the one that was wanted: exact match, chrF, BLEU and ROUGE.

The label scores are statistics per text, [n, 32], as `seatrial.tasks.overlap` counts them; a figure is computed from
their sums over texts, as the field does for a corpus. chrF and BLEU lie between 0 and 100, as they are always given;
ROUGE, the mean F score of the texts, between 0 and 1, as the package `rouge-score` gives it.

Source: Popović 2015, "chrF: character n-gram F-score for automatic MT evaluation" (here chrF2: orders 1 to 6, recall
counted twice, which is sacrebleu's default); Papineni et al. 2002, "BLEU: a Method for Automatic Evaluation of Machine
Translation", with the smoothing of sacrebleu (Post 2018, "A Call for Clarity in Reporting BLEU Scores"); Lin 2004,
"ROUGE: A Package for Automatic Evaluation of Summaries", §2 and §3.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from seatrial.evaluate.metrics.base import Floats, Indices, Statistic, WeightedMetric
from seatrial.tasks.overlap import BLEU_COLUMNS, CHRF_COLUMNS, COLUMNS, EXACT_COLUMN, ROUGE_COLUMNS, WORD_ORDERS

__all__ = ["BLEU", "CHRF", "EXACT_MATCH", "ROUGE_1", "ROUGE_2", "ROUGE_L", "WrittenMetric"]

TEXTS = COLUMNS
"""Row of the sums that counts texts."""
BETA = 2
TINY = 1e-16


class WrittenMetric(WeightedMetric):
    """One figure of summed statistics.

    Args:
        name: registered name.
        figure: sums [33, r], the last of which is the number of texts → the figure [r].
        greatest: its greatest value.
    """

    reads = "written"
    decisions_only = True

    def __init__(self, name: str, figure: Callable[[Floats], Floats], greatest: float) -> None:
        self.name, self.bounds = name, (0.0, greatest)
        self._figure = figure

    def statistic(self, probabilities: Floats, labels: Indices) -> Statistic:
        """See `WeightedMetric.statistic`."""
        del labels  # what was wanted is in the statistics
        columns = np.vstack([probabilities.T.astype(np.float64), np.ones(len(probabilities))])
        return lambda weights: self._figure(columns @ weights)


def _mean(sums: Floats, column: int) -> Floats:
    """Of one column over texts."""
    found: Floats = sums[column] / sums[TEXTS]
    return found


def _chrf(sums: Floats) -> Floats:
    """The mean of precision and of recall over the orders that both sides have, then their F score."""
    written, wanted, both = sums[CHRF_COLUMNS].reshape(3, -1, sums.shape[1])
    there = (written > 0) & (wanted > 0)
    orders = np.maximum(there.sum(axis=0), 1)
    precision = np.where(there, both / np.maximum(written, 1), 0).sum(axis=0) / orders
    recall = np.where(there, both / np.maximum(wanted, 1), 0).sum(axis=0) / orders
    factor = BETA**2
    found: Floats = 100 * (1 + factor) * precision * recall / np.maximum(factor * precision + recall, TINY)
    return found


def _bleu(sums: Floats) -> Floats:
    """The geometric mean of the precisions of 1 to 4 words, less for what is too short; an order without a match counts
    as half of one, a quarter the next time."""
    lengths, right, total = sums[BLEU_COLUMNS][:2], *np.split(sums[BLEU_COLUMNS][2:], 2)
    logs = np.zeros(sums.shape[1])
    smoothing = np.ones(sums.shape[1])
    for order in range(WORD_ORDERS):
        empty = right[order] == 0
        smoothing = np.where(empty, 2 * smoothing, smoothing)
        matched = np.where(empty, 1 / smoothing, right[order])
        logs += np.log(np.maximum(matched / np.maximum(total[order], 1), TINY))
    written, wanted = lengths
    short = np.where(written < wanted, np.exp(1 - wanted / np.maximum(written, TINY)), 1.0)
    defined = (total.min(axis=0) > 0) & (right.sum(axis=0) > 0)
    found: Floats = np.where(defined, 100 * short * np.exp(logs / WORD_ORDERS), 0.0)
    return found


EXACT_MATCH = WrittenMetric("exact_match", partial(_mean, column=EXACT_COLUMN), 1.0)
CHRF = WrittenMetric("chrf", _chrf, 100.0)
BLEU = WrittenMetric("bleu", _bleu, 100.0)
ROUGE_1, ROUGE_2, ROUGE_L = (
    WrittenMetric(name, partial(_mean, column=ROUGE_COLUMNS.start + place), 1.0)
    for place, name in enumerate(("rouge_1", "rouge_2", "rouge_l"))
)
