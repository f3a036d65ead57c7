"""The shares of all processes make the step of one, none is empty, and what counts nothing is put at weight 0."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from seatrial.errors import SpecError
from seatrial.train.distributed.division import check_shares, my_shares, shares
from seatrial.train.distributed.processes import Processes

WEIGHTS = [3.0, 0.0, 1.0, 0.0, 2.0, 4.0, 0.0, 5.0]
GRADIENTS = [1.0, 7.0, -2.0, 3.0, 0.5, 4.0, 11.0, -1.0]


def weight(batch: Sequence[int]) -> float:
    return sum(WEIGHTS[item] for item in batch)


def mean(batch: Sequence[int]) -> float:
    """The gradient of a weighed mean; NaN where it is over nothing, as a loss is."""
    total = weight(batch)
    return sum(WEIGHTS[item] * GRADIENTS[item] for item in batch) / total if total else float("nan")


@pytest.mark.parametrize("count", [2, 3, 5])
@pytest.mark.parametrize("batches", [[[0, 1, 2, 3, 4, 5, 6, 7]], [[0, 1, 2], [3, 4], [5]], [[7], [1, 0], [6, 5, 4]]])
def test_the_shares_sum_to_the_step_of_one_process(batches: list[list[int]], count: int) -> None:
    expected = sum(share * mean(batch) for batch, share in shares(batches, weight))
    found = [my_shares(batches, weight, Processes(rank, count)) for rank in range(count)]
    assert {len(parts) for parts in found} == {len(batches)}  # as many exchanges in every process
    assert all(batch for parts in found for batch, _ in parts)
    assert sum(share for parts in found for _, share in parts) == pytest.approx(1)
    assert sum(share * mean(batch) for parts in found for batch, share in parts) == pytest.approx(expected)
    computed = [item for parts in found for batch, share in parts for item in batch if share]
    counted = {item for batch in batches for item in batch if WEIGHTS[item]}
    assert sorted(item for item in computed if WEIGHTS[item]) == sorted(counted)


def test_a_step_that_weighs_nothing_is_divided_by_items() -> None:
    found = [my_shares([[1, 3, 6], [6]], weight, Processes(rank, 2)) for rank in range(2)]
    assert found == [[([1, 6], 1 / 3), ([6], 1 / 2)], [([3], 1 / 6), ([6], 0.0)]]


def test_long_and_short_items_are_dealt_out_in_turn() -> None:
    assert my_shares([[0, 2, 4, 5]], weight, Processes(1, 2))[0][0] == [2, 5]


def test_one_batch_of_one_process_is_not_weighed() -> None:
    assert shares([[1, 3]], weight) == [([1, 3], 1.0)]
    assert [share for _, share in shares([[0], [2]], weight)] == [0.75, 0.25]
    assert [share for _, share in shares([[1], [3]], weight)] == [0.5, 0.5]


def test_batches_must_have_an_item_for_each() -> None:
    check_shares([[1], [1, 2]], Processes(0, 2))
    with pytest.raises(SpecError, match="the largest has 1 item") as caught:
        check_shares([[1], [2]], Processes(0, 2))
    assert caught.value.where == "training.batch_items"
