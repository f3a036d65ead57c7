"""The response cache: exact, bounded, apart for each tenant."""

from __future__ import annotations

import threading
import tracemalloc
from collections import OrderedDict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.serve.cache import ENTRY_BYTES, ResponseCache, Row

COST = ENTRY_BYTES + 112 + 4
"""Of a row of one number."""


def row(*numbers: float) -> Row:
    return np.array(numbers, dtype=np.float32)


def values(found: list[Row | None]) -> list[list[float] | None]:
    return [None if one is None else one.tolist() for one in found]


def test_what_was_put_is_found_in_the_order_of_the_texts() -> None:
    cache = ResponseCache(10_000)
    cache.put_many("a", "m", "", ["x", "y"], [row(1, 2), row(3, 4)])
    assert values(cache.get_many("a", "m", "", ["y", "z", "x"])) == [[3, 4], None, [1, 2]]
    assert (cache.hits, cache.misses, cache.evictions, len(cache)) == (2, 1, 0, 2)


def test_hits_are_one_object_that_cannot_be_written_to() -> None:
    cache = ResponseCache(10_000)
    batch = np.arange(6, dtype=np.float32).reshape(3, 2)
    cache.put_many("a", "m", "", ["x"], [batch[1]])
    first, second = cache.get_many("a", "m", "", ["x", "x"])
    assert first is second
    assert first is not None
    assert first.base is None, "a view would keep its batch alive"
    batch[:] = 0
    assert first.tolist() == [2, 3]
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 1


def test_a_row_that_is_frozen_already_is_not_copied() -> None:
    cache = ResponseCache(10_000)
    frozen = row(1)
    frozen.setflags(write=False)
    cache.put_many("a", "m", "", ["x"], [frozen])
    assert cache.get_many("a", "m", "", ["x"])[0] is frozen
    batch = np.zeros((3, 2), dtype=np.float32)
    batch.setflags(write=False)
    cache.put_many("a", "m", "", ["view"], [batch[0]])
    [kept] = cache.get_many("a", "m", "", ["view"])
    assert kept is not None
    assert kept.base is None


PARTS = st.tuples(*[st.text(max_size=3)] * 4)


@given(one=PARTS, other=PARTS)
def test_only_the_same_four_parts_match(one: tuple[str, str, str, str], other: tuple[str, str, str, str]) -> None:
    """Tenant above all; and nothing that one part ends with is taken for the beginning of the next."""
    cache = ResponseCache(10_000)
    cache.put_many(*one[:3], [one[3]], [row(1)])
    assert (cache.get_many(*other[:3], [other[3]])[0] is not None) == (one == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a", "m", "", "x"), ("b", "m", "", "x")),
        (("a", "m", "", "x"), ("a", "n", "", "x")),
        (("a", "m", "", "x"), ("a", "m", "p", "x")),
        (("ab", "c", "", "x"), ("a", "bc", "", "x")),
        (("a", "m", "p", "x"), ("a", "m", "", "px")),
        (("a", "m", "", "é"), ("a", "m", "", "e\u0301")),
        (("a", "m", "", "x"), ("a", "m", "", "x ")),
        (("a", "m", "", "\ud800"), ("a", "m", "", "?")),
    ],
)
def test_near_misses(one: tuple[str, str, str, str], other: tuple[str, str, str, str]) -> None:
    cache = ResponseCache(10_000)
    cache.put_many(*one[:3], [one[3]], [row(1)])
    assert cache.get_many(*other[:3], [other[3]]) == [None]
    assert values(cache.get_many(*one[:3], [one[3]])) == [[1]]


def test_zero_keeps_nothing_and_counts_nothing() -> None:
    cache = ResponseCache(0)
    cache.put_many("a", "m", "", ["x"], [row(1)])
    assert cache.get_many("a", "m", "", ["x", "y"]) == [None, None]
    assert (cache.hits, cache.misses, cache.bytes_used, len(cache)) == (0, 0, 0, 0)


def test_the_longest_unused_makes_room() -> None:
    cache = ResponseCache(3 * COST)
    for text in "abc":
        cache.put_many("t", "m", "", [text], [row(1)])
    cache.get_many("t", "m", "", ["a"])
    cache.put_many("t", "m", "", ["d", "b"], [row(1), row(1)])
    assert [found is not None for found in cache.get_many("t", "m", "", list("abcd"))] == [True, True, False, True]
    assert cache.evictions == 2


def test_a_row_that_is_too_large_displaces_nothing() -> None:
    cache = ResponseCache(1_000)
    cache.put_many("a", "m", "", ["x", "y"], [row(1), np.zeros(1_000, dtype=np.float32)])
    assert values(cache.get_many("a", "m", "", ["x", "y"])) == [[1], None]
    assert cache.evictions == 0


def test_a_row_per_text() -> None:
    cache = ResponseCache(1_000)
    with pytest.raises(ValueError, match="zip"):
        cache.put_many("a", "m", "", ["x", "y"], [row(1)])


def test_drop_removes_one_model() -> None:
    cache = ResponseCache(10_000_000)
    texts = [str(number) for number in range(2_500)]
    for model in ("m", "n"):
        cache.put_many("a", model, "", texts, [row(1)] * len(texts))
    before = cache.bytes_used
    assert cache.drop("m") == 2_500
    assert cache.bytes_used == before / 2
    assert cache.get_many("a", "m", "", texts[:1]) == [None]
    assert values(cache.get_many("a", "n", "", texts[:1])) == [[1]]
    assert cache.drop("m") == 0
    assert cache.evictions == 0


OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from("ab"), st.integers(0, 3)),
        st.tuples(st.just("get"), st.sampled_from("ab"), st.integers(0, 3)),
        st.tuples(st.just("drop"), st.sampled_from("mn"), st.just(0)),
    ),
    max_size=60,
)


@given(operations=OPERATIONS, room=st.integers(1, 5))
def test_it_behaves_like_a_plain_list_of_the_latest(operations: list[tuple[str, str, int]], room: int) -> None:
    cache = ResponseCache(room * COST + COST - 1)
    model: OrderedDict[tuple[str, int], float] = OrderedDict()
    hits = misses = evictions = 0
    for number, (what, who, text) in enumerate(operations):
        release = "m" if text % 2 else "n"
        if what == "put":
            cache.put_many(who, release, "", [str(text)], [row(number)])
            model.pop((who, text), None)
            model[who, text] = number
            if len(model) > room:
                model.popitem(last=False)
                evictions += 1
        elif what == "get":
            expected = model.get((who, text))
            assert values(cache.get_many(who, release, "", [str(text)])) == [None if expected is None else [expected]]
            hits, misses = (hits, misses + 1) if expected is None else (hits + 1, misses)
            if expected is not None:
                model.move_to_end((who, text))
        else:
            gone = [key for key in model if ("m" if key[1] % 2 else "n") == who]
            assert cache.drop(who) == len(gone)
            for key in gone:
                del model[key]
        assert len(cache) == len(model)
        assert cache.bytes_used == len(model) * COST <= cache.max_bytes
    assert (cache.hits, cache.misses, cache.evictions) == (hits, misses, evictions)


@pytest.mark.parametrize("numbers", [2, 384])
def test_the_bytes_are_counted_honestly(numbers: int) -> None:
    """What the allocator gave is not more than was counted, and not much less."""
    limit = 3_000_000
    cache = ResponseCache(limit)
    batch = np.zeros((100, numbers), dtype=np.float32)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for start in range(0, 20_000, 100):
            texts = [f"a text of some length, number {number}" for number in range(start, start + 100)]
            cache.put_many("tenant", "model", "", texts, list(batch))
        del texts
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert cache.evictions > 0
    assert 0.6 * limit <= after - before <= limit
    assert limit - 4_000 <= cache.bytes_used <= limit


def test_threads_do_not_disturb_each_other() -> None:
    cache = ResponseCache(50 * COST)
    wrong: list[object] = []

    def work(tenant: str, number: float) -> None:
        texts = [str(i) for i in range(40)]
        for _ in range(100):
            cache.put_many(tenant, "m", "", texts, [row(number)] * 40)
            wrong.extend(one for one in cache.get_many(tenant, "m", "", texts) if one is not None and one[0] != number)
            cache.drop("m")

    threads = [threading.Thread(target=work, args=(str(number), number)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    cache.drop("m")
    assert cache.bytes_used == 0
    assert cache.hits + cache.misses == 4 * 100 * 40
