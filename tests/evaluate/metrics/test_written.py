"""chrF and BLEU from summed statistics are sacrebleu's own numbers."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("sacrebleu")
pytest.importorskip("rouge_score")

from rouge_score.rouge_scorer import RougeScorer
from sacrebleu.metrics import BLEU, CHRF

from seatrial.evaluate.metrics import METRICS
from seatrial.evaluate.metrics.base import statistic_of
from seatrial.tasks.overlap import overlap

WRITTEN = ["the cat sat on a mat .", "It is raining, isn't it?", "on 3 May 2021", "", "a b c d e", "no match here x"]
WANTED = ["the cat is on the mat .", "It was raining; wasn't it?", "on 3 May 2021", "empty", "a b d c e", "zzz qq"]
CHINESE = (["\u4eca\u5929\u5f88\u597d", "\u4ed6\u6765\u4e86"], ["\u4eca\u5929\u4e0d\u597d", "\u4ed6\u6765\u5417"])


def figure(name: str, written: list[str], wanted: list[str]) -> float:
    return METRICS.get(name).compute(overlap(written, wanted), np.zeros(len(written), dtype=np.intp))


@pytest.mark.parametrize("some", [slice(None), slice(0, 3), slice(2, 3), slice(3, 6), slice(4, 5), slice(5, 6)])
def test_chrf_and_bleu_are_those_of_sacrebleu(some: slice) -> None:
    written, wanted = WRITTEN[some], WANTED[some]
    assert figure("chrf", written, wanted) == pytest.approx(CHRF().corpus_score(written, [wanted]).score, abs=1e-4)
    assert figure("bleu", written, wanted) == pytest.approx(BLEU().corpus_score(written, [wanted]).score, abs=1e-4)


def test_chinese_is_split_into_characters() -> None:
    expected = BLEU(tokenize="zh").corpus_score(CHINESE[0], [CHINESE[1]]).score
    assert figure("bleu", *CHINESE) == pytest.approx(expected, abs=1e-4)
    assert figure("chrf", *CHINESE) == pytest.approx(CHRF().corpus_score(CHINESE[0], [CHINESE[1]]).score, abs=1e-4)


@pytest.mark.parametrize(("name", "theirs"), [("rouge_1", "rouge1"), ("rouge_2", "rouge2"), ("rouge_l", "rougeL")])
def test_rouge_is_the_mean_of_rouge_score(name: str, theirs: str) -> None:
    scorer = RougeScorer([theirs])
    each = [scorer.score(wanted, written)[theirs].fmeasure for written, wanted in zip(WRITTEN, WANTED, strict=True)]
    assert 0 < np.mean(each) < 1
    assert figure(name, WRITTEN, WANTED) == pytest.approx(np.mean(each), abs=1e-6)


def test_rouge_reads_other_letters_and_han_characters_by_themselves() -> None:
    assert figure("rouge_1", ["der \u00c4rger"], ["\u00e4rger"]) == pytest.approx(2 / 3)
    assert figure("rouge_1", CHINESE[0][:1], CHINESE[1][:1]) == pytest.approx(3 / 4)
    assert figure("rouge_2", CHINESE[0][:1], CHINESE[1][:1]) == pytest.approx(1 / 3)
    assert figure("rouge_l", ["\u7528 GPU 3"], ["\u7528GPU"]) == pytest.approx(4 / 5)


def test_exact_match_is_a_share_of_texts() -> None:
    assert figure("exact_match", WRITTEN, WANTED) == pytest.approx(1 / 6)


def test_resampled_texts_give_the_figure_of_those_texts() -> None:
    scores, truth = overlap(WRITTEN, WANTED), np.zeros(len(WRITTEN), dtype=np.intp)
    weights = np.array([[2.0], [1], [0], [0], [1], [2]])
    drawn = np.repeat(np.arange(6), weights[:, 0].astype(int))
    for name in ("chrf", "bleu", "exact_match", "rouge_1", "rouge_2", "rouge_l"):
        found = statistic_of(METRICS.get(name), scores, truth)(weights)[0]
        assert found == pytest.approx(METRICS.get(name).compute(scores[drawn], truth[drawn]))
