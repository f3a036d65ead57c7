from __future__ import annotations

from collections import Counter

from seatrial.data.inspect.items import Item
from seatrial.data.inspect.sample import MAX_CHARS, Sample
from seatrial.records import Provenance


def sampled(size: int, seen: int, seed: int) -> list[int]:
    sample = Sample(size, seed)
    for number in range(seen):
        sample.add(Item("t" * (MAX_CHARS + 1), "", "", Provenance("s", number)))
    assert sample.seen == seen
    assert all(len(item.text) == MAX_CHARS for item in sample.items())
    return [item.provenance.row for item in sample.items()]


def test_a_sample_holds_all_of_little_and_a_part_of_much_in_order() -> None:
    assert sampled(5, 3, 0) == [0, 1, 2]
    much = sampled(5, 100, 0)
    assert len(set(much)) == 5
    assert much == sorted(much) == sampled(5, 100, 0)
    assert sampled(0, 9, 0) == []


def test_every_item_has_the_same_chance() -> None:
    counts = Counter(number for seed in range(600) for number in sampled(2, 10, seed))
    assert set(counts) == set(range(10))
    assert all(70 < count < 180 for count in counts.values())
