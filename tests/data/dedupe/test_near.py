"""Near copies: found, verified, clustered, and few enough comparisons to be fast."""

from __future__ import annotations

import random
import time
from itertools import combinations

import pytest

from seatrial.data.dedupe import near
from seatrial.data.dedupe.near import near_clusters
from seatrial.data.dedupe.shingles import shingles

from ...timeliness import in_time

WORDS = [f"w{i}" for i in range(500)]


def sentence(rng: random.Random, words: int = 30) -> list[str]:
    return rng.choices(WORDS, k=words)


def jaccard(left: str, right: str) -> float:
    a, b = set(shingles(left).tolist()), set(shingles(right).tolist())
    return len(a & b) / len(a | b)


def test_clusters_join_through_others_and_are_disjoint(seed: int) -> None:
    words = sentence(random.Random(seed))
    a, b, c = " ".join(words), " ".join([*words, "x1", "x2"]), " ".join([*words, "x1", "x2", "x3", "x4", "x5", "x6"])
    assert jaccard(a, c) < 0.85 < min(jaccard(a, b), jaccard(b, c))
    assert near_clusters(["other text entirely", c, a, "more of the same kind", b], 0.85) == [[1, 2, 4]]


def test_candidates_below_the_threshold_are_no_copies(seed: int) -> None:
    words = sentence(random.Random(seed), 20)
    left, right = " ".join(words), " ".join([*words[:14], *"abcdef"])
    assert 0.4 < jaccard(left, right) < 0.8
    assert near_clusters([left, right], 0.8) == []


def test_texts_that_differ_in_punctuation_only_are_near() -> None:
    assert near_clusters(["Really good film!", "really good film ..."], 1.0) == [[0, 1]]
    assert near_clusters(["", ""], 0.8) == [[0, 1]]
    assert near_clusters([], 0.8) == []


def test_the_same_pairs_as_by_comparing_all(seed: int) -> None:
    rng = random.Random(seed)
    texts = []
    for _ in range(60):
        words = sentence(rng)
        texts.append(" ".join(words))
        for place in rng.sample(range(30), rng.randrange(4)):
            words[place] = rng.choice(WORDS)
        texts.append(" ".join(words))
    expected = {(i, j) for i, j in combinations(range(len(texts)), 2) if jaccard(texts[i], texts[j]) >= 0.5}
    clusters = near_clusters(texts, 0.5)
    assert {pair for cluster in clusters for pair in combinations(cluster, 2)} == expected
    assert len(expected) > 20


@pytest.mark.timed
def test_many_texts_that_begin_alike_take_seconds_not_minutes(seed: int) -> None:
    rng = random.Random(seed)
    start = "this product was sent to me free of charge for an honest review"
    texts = [f"{start} {' '.join(sentence(rng, 12))}" for _ in range(5000)]
    began = time.perf_counter()
    assert near_clusters(texts, 0.8) == []
    in_time(time.perf_counter() - began, 20, "seconds for 5,000 texts")


def test_a_phrase_that_many_share_is_no_reason_to_compare_all_with_all(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near, "MIN_NEIGHBOURS", 5)
    monkeypatch.setattr(near, "BAND_PAIRS", 0)
    rng = random.Random(seed)
    base = sentence(rng, 40)
    texts = []
    for number in range(60):  # all alike, but too little for the threshold
        words = base.copy()
        words[:12] = (f"a{number}x{place}" for place in range(12))
        texts.append(" ".join(words))
    copies = [f"{text} z" for text in texts]
    assert 0.3 < jaccard(texts[0], texts[1]) < 0.6
    clusters = near_clusters([*texts, *copies], 0.8)
    assert len(clusters) >= 54
    assert all(right - left == 60 for left, right in clusters)


def test_the_order_of_the_texts_does_not_matter(seed: int) -> None:
    rng = random.Random(seed)
    texts = [" ".join(sentence(rng)[: rng.randrange(1, 12)]) for _ in range(300)]
    texts += [f"{text} {rng.choice(WORDS)}" for text in texts]
    order = rng.sample(range(600), 600)
    shuffled = {
        frozenset(order[place] for place in cluster) for cluster in near_clusters([texts[i] for i in order], 0.5)
    }
    assert shuffled == {frozenset(cluster) for cluster in near_clusters(texts, 0.5)}
    assert shuffled
