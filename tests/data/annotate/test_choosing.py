from __future__ import annotations

import numpy as np
import pytest

from seatrial.data.annotate.choosing import next_item, seeded_order, uncertainty

ITEMS = [f"t{i}" for i in range(50)]


def chosen(**changes: object) -> str | None:
    given = {"own": set(), "answers": {}, "held": {}, "per_item": 2, "unsure": {}} | changes
    return next_item(["a", "b", "c"], **given)  # type: ignore[arg-type]


def test_the_order_follows_the_seed_and_later_items_leave_it_alone() -> None:
    order = seeded_order(ITEMS, 3)
    assert sorted(order) == sorted(ITEMS)
    assert order != ITEMS
    assert order != seeded_order(ITEMS, 4)
    assert [item for item in seeded_order([*ITEMS, "new"], 3) if item != "new"] == order


@pytest.mark.parametrize("how", ["margin", "entropy"])
def test_uncertainty_is_one_for_equal_shares_and_nought_for_certainty(how: str) -> None:
    found = uncertainty(np.array([[1, 0], [0.5, 0.5], [0.8, 0.2]], dtype=np.float32), how)  # type: ignore[arg-type]
    assert found[:2] == pytest.approx([0, 1])
    assert 0 < found[2] < 1


def test_entropy_looks_at_all_labels_and_margin_at_two() -> None:
    shares = np.array([[0.5, 0.5, 0.0], [0.4, 0.3, 0.3]], dtype=np.float32)
    assert np.argmax(uncertainty(shares, "margin")) == 0
    assert np.argmax(uncertainty(shares, "entropy")) == 1


def test_begun_items_come_first_then_unsure_ones_then_the_order() -> None:
    assert chosen() == "a"
    assert chosen(unsure={"b": 0.1, "c": 0.9}) == "c"
    assert chosen(unsure={"c": 0.9}, answers={"b": 1}) == "b"


def test_items_that_need_nobody_more_are_left_out() -> None:
    assert chosen(own={"a"}) == "b"
    assert chosen(answers={"a": 2}) == "b"
    assert chosen(answers={"a": 1}, held={"a": 1}) == "b"
    assert chosen(own={"a", "b", "c"}) is None
