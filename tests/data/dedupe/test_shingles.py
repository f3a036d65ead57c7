"""Shingles: of words and of scripts without spaces, the same alone, among others and in every process."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.data.dedupe import shingles as module
from seatrial.data.dedupe.exact import normalized
from seatrial.data.dedupe.shingles import UNSPACED, shingle_sets, shingles


def pieces(text: str) -> set[str]:
    """The definition, one text at a time and without arrays."""
    text = normalized(text)
    words = re.findall(r"\w+", text)
    letters = "".join(words)
    glue = " "
    if 2 * len(UNSPACED.findall(letters)) > len(letters):
        words, glue = list(letters), ""
    return {glue.join(words[i : i + 3]) for i in range(max(1, len(words) - 2))} if words else {text}


def test_words_and_scripts_without_spaces() -> None:
    assert len(shingles("one two three four")) == 2
    assert len(shingles("one two")) == 1
    assert len(shingles("这本书非常好看")) == 5
    assert len(shingles("มากๆครับ")) > 2
    assert len(shingles("정말 좋은 책 입니다")) == 2  # Korean puts spaces
    assert len(shingles("")) == len(shingles(":)")) == 1
    assert shingles(":)").tolist() != shingles(":(").tolist()


def test_order_and_borders_of_words_count() -> None:
    assert shingles("ab c d").tolist() != shingles("a bc d").tolist()
    assert shingles("one two three").tolist() != shingles("three two one").tolist()
    assert shingles("中 国 人").tolist() == shingles("中国人").tolist()
    assert shingles("a a a a").tolist() == shingles("a a a").tolist() != shingles("a a").tolist()


def test_the_same_in_every_process() -> None:
    assert shingles("a b c").tolist() == [407185043]
    assert shingles("这本书").tolist() == [2398060762]
    assert shingles(":)").tolist() == [2173111896]


def test_the_chunks_do_not_matter(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    rng = random.Random(seed)
    texts = ["".join(rng.choices("ab c书本", k=rng.randrange(30))).strip() for _ in range(200)]
    texts = [normalized(text) for text in texts]
    whole = shingle_sets(texts)
    monkeypatch.setattr(module, "CHUNK_CHARS", 50)
    parts = shingle_sets(texts)
    assert np.array_equal(whole.values, parts.values)
    assert np.array_equal(whole.starts, parts.starts)
    assert shingle_sets([]).sizes.tolist() == []


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(st.sampled_from("ab 书ー๏_1é\U0002a6a5\U0001f600.\n"), max_size=12), min_size=1, max_size=8))
def test_as_many_as_by_the_definition_and_equal_where_that_is_equal(texts: list[str]) -> None:
    found = shingle_sets([normalized(text) for text in texts])
    sets = [frozenset(part.tolist()) for part in np.split(found.values, found.starts[1:-1])]
    expected = [frozenset(pieces(text)) for text in texts]
    assert [len(item) for item in sets] == [len(item) for item in expected]
    for left, right in ((i, j) for i in range(len(texts)) for j in range(i)):
        assert len(sets[left] & sets[right]) == len(expected[left] & expected[right])
