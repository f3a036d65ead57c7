"""Near copies: found, verified, clustered, and few enough comparisons to be fast."""

from __future__ import annotations

import random
import time
from itertools import combinations

import numpy as np
import pytest

from seatrial.data.dedupe.minhash import rows_per_band, signatures
from seatrial.data.dedupe.near import near_clusters
from seatrial.data.dedupe.shingles import shingles

WORDS = [f"w{i}" for i in range(500)]


def sentence(rng: random.Random, words: int = 30) -> list[str]:
    return rng.choices(WORDS, k=words)


def jaccard(left: str, right: str) -> float:
    a, b = set(shingles(left).tolist()), set(shingles(right).tolist())
    return len(a & b) / len(a | b)


def test_shingles_of_words_and_of_scripts_without_spaces() -> None:
    assert len(shingles("one two three four")) == 2
    assert len(shingles("one two")) == 1
    assert len(shingles("这本书非常好看")) == 5
    assert len(shingles("มากๆครับ")) > 2
    assert len(shingles("정말 좋은 책 입니다")) == 2  # Korean puts spaces
    assert len(shingles("")) == len(shingles(":)")) == 1
    assert shingles(":)").tolist() != shingles(":(").tolist()


def test_shingles_are_the_same_in_every_process() -> None:
    assert shingles("a b c").tolist() == [8388279268673178672]


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.8, 0.95, 1.0])
def test_pairs_at_the_threshold_are_found_nearly_always(threshold: float) -> None:
    rows = rows_per_band(threshold)
    assert 1 - (1 - threshold**rows) ** (64 // rows) >= 0.99


def test_signatures_estimate_the_similarity() -> None:
    a, b = np.arange(1000, dtype=np.uint64), np.arange(250, 1250, dtype=np.uint64)
    hashed = [np.unique(items * np.uint64(0x9E3779B97F4A7C15)) for items in (a, b)]
    left, right = signatures(hashed)
    assert abs(float((left == right).mean()) - 0.6) < 0.2


def test_signatures_do_not_depend_on_the_chunks() -> None:
    sets = [shingles(" ".join(sentence(random.Random(i)))) for i in range(20)]
    together = signatures([*sets, np.arange(1 << 17, dtype=np.uint64), *sets])
    assert np.array_equal(together[:20], together[21:])
    assert np.array_equal(together[:20], signatures(sets))


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


def test_many_texts_that_begin_alike_take_seconds_not_minutes(seed: int) -> None:
    rng = random.Random(seed)
    start = "this product was sent to me free of charge for an honest review"
    texts = [f"{start} {' '.join(sentence(rng, 12))}" for _ in range(5000)]
    began = time.perf_counter()
    assert near_clusters(texts, 0.8) == []
    assert time.perf_counter() - began < 20
