"""What a written text and the wanted one have in common, as numbers that can be summed over texts.

Per text, 32 columns: whether both are the same; for chrF the character n-grams of orders 1 to 6 that were written, that
were wanted, and that are in both; for BLEU the words written and wanted, and for orders 1 to 4 the n-grams that match
and those that were written; the F scores of ROUGE-1, ROUGE-2 and ROUGE-L, which the field averages over texts. White
space does not count for chrF. Words of BLEU are those of sacrebleu's tokenizer 13a, and of its tokenizer for Chinese
where the wanted texts hold Han characters. Words of ROUGE are runs of letters and digits in small letters, and each Han
character by itself; in English that is what ROUGE has always counted. Nothing is stemmed.

Refuses to know: who wrote the text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from seatrial.errors import MissingExtraError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BLEU_COLUMNS", "CHRF_COLUMNS", "COLUMNS", "EXACT_COLUMN", "ROUGE_COLUMNS", "WORD_ORDERS", "overlap"]

CHARACTER_ORDERS, WORD_ORDERS = 6, 4
EXACT_COLUMN = 0
CHRF_COLUMNS = slice(1, 1 + 3 * CHARACTER_ORDERS)
BLEU_COLUMNS = slice(CHRF_COLUMNS.stop, CHRF_COLUMNS.stop + 2 + 2 * WORD_ORDERS)
ROUGE = ("rouge1", "rouge2", "rougeL")
ROUGE_COLUMNS = slice(BLEU_COLUMNS.stop, BLEU_COLUMNS.stop + len(ROUGE))
COLUMNS = ROUGE_COLUMNS.stop
HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
ROUGE_WORD = re.compile("[\u3400-\u9fff\uf900-\ufaff]|[^\\W_\u3400-\u9fff\uf900-\ufaff]+")


def overlap(written: Sequence[str], wanted: Sequence[str]) -> NDArray[np.float32]:
    """The statistics of n texts.

    Args:
        written: n texts.
        wanted: n texts.

    Returns:
        [n, 32], in the order that the docstring of this module names.

    Raises:
        MissingExtraError: sacrebleu or rouge-score is not installed.
    """
    words = _splitter(any(HAN.search(text) for text in wanted))
    rouge = _rouge_scorer()
    found = np.zeros((len(written), COLUMNS), dtype=np.float32)
    for row, ours, theirs in zip(found, written, wanted, strict=True):
        row[EXACT_COLUMN] = ours.strip() == theirs.strip()
        row[CHRF_COLUMNS] = _characters("".join(ours.split()), "".join(theirs.split()))
        row[BLEU_COLUMNS] = _words(words(ours), words(theirs))
        scores = rouge.score(theirs, ours)
        row[ROUGE_COLUMNS] = [scores[kind].fmeasure for kind in ROUGE]
    return found


def _splitter(chinese: bool) -> Callable[[str], list[str]]:
    if find_spec("sacrebleu") is None:
        raise MissingExtraError("BLEU", "lm")
    from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a
    from sacrebleu.tokenizers.tokenizer_zh import TokenizerZh

    split: Callable[[str], str] = TokenizerZh() if chinese else Tokenizer13a()
    return lambda text: split(text.rstrip()).split()


def _rouge_scorer() -> Any:
    """What `rouge_score` offers, with words of all scripts; its own are of a to z alone."""
    if find_spec("rouge_score") is None:
        raise MissingExtraError("ROUGE", "lm")
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(ROUGE, tokenizer=_RougeWords())


class _RougeWords:
    def tokenize(self, text: str) -> list[str]:
        """The words that ROUGE counts, in order."""
        return ROUGE_WORD.findall(text.lower())


def _characters(ours: str, theirs: str) -> list[int]:
    """Counts by order: written, then wanted, then both."""
    columns: list[list[int]] = [[], [], []]
    for order in range(1, CHARACTER_ORDERS + 1):
        mine, other = (Counter(text[i : i + order] for i in range(len(text) - order + 1)) for text in (ours, theirs))
        ours_count = mine.total() if other else 0  # what cannot match is not held against precision
        for column, count in zip(columns, (ours_count, other.total(), (mine & other).total()), strict=True):
            column.append(count)
    return [count for column in columns for count in column]


def _words(ours: list[str], theirs: list[str]) -> list[int]:
    """Both lengths, then by order what matches, then by order what was written."""
    right, total = [], []
    for order in range(1, WORD_ORDERS + 1):
        mine, other = (
            Counter(tuple(words[i : i + order]) for i in range(len(words) - order + 1)) for words in (ours, theirs)
        )
        right.append((mine & other).total())
        total.append(mine.total())
    return [len(ours), len(theirs), *right, *total]
