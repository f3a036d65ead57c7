"""A rate per tenant: never exceeded, never refused without need, and the advice when to come back is right."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.errors import QuotaError
from seatrial.serve.quota import Quota


class Clock:
    """Time that a test moves."""

    def __init__(self, now: float = 1_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def advised_wait_s(quota: Quota, tenant: str, cost: int, **rate: int) -> int | None:
    """None if it was let through."""
    try:
        quota.take(tenant, cost, **rate)
    except QuotaError as error:
        return error.retry_after_s
    return None


def taken(quota: Quota, tenant: str = "a", cost: int = 1, **rate: int) -> bool:
    return advised_wait_s(quota, tenant, cost, **rate) is None


def test_a_minutes_worth_at_once_then_one_a_second() -> None:
    clock = Clock()
    quota = Quota(60, clock=clock)
    assert [taken(quota) for _ in range(61)] == [True] * 60 + [False]
    clock.now += 1
    assert [taken(quota), taken(quota)] == [True, False]
    clock.now += 1_000
    assert sum(taken(quota) for _ in range(100)) == 60, "no more than a full bucket, however long it was quiet"


def test_a_refusal_says_when() -> None:
    clock = Clock()
    quota = Quota(10, clock=clock)
    quota.take("a", 10)
    with pytest.raises(QuotaError, match="the request rate of 10 a minute is used up") as caught:
        quota.take("a")
    assert caught.value.retry_after_s == 6
    assert caught.value.hint == "send the request again in 6 s"


def test_the_burst_can_be_smaller_and_still_lets_one_through() -> None:
    quota = Quota(600, burst_s=1, clock=Clock())
    assert sum(taken(quota) for _ in range(50)) == 10
    slow = Quota(1, burst_s=1, clock=Clock())
    assert [advised_wait_s(slow, "a", 1) for _ in range(2)] == [None, 60]


def test_what_exceeds_a_full_bucket_is_paid_off() -> None:
    clock = Clock()
    quota = Quota(60, clock=clock)
    quota.take("a", 180)
    with pytest.raises(QuotaError) as caught:
        quota.take("a", 180)
    assert caught.value.retry_after_s == 180
    clock.now += 180
    quota.take("a", 180)


def test_tenants_do_not_share_and_may_have_their_own_rate() -> None:
    quota = Quota(1, clock=Clock())
    assert taken(quota, "a")
    assert not taken(quota, "a")
    assert taken(quota, "b")
    assert sum(taken(quota, "c", per_minute=7) for _ in range(20)) == 7


def test_without_a_rate_everything_goes_and_nothing_is_kept() -> None:
    quota = Quota(None, clock=Clock())
    assert all(taken(quota, str(i), 10**9) for i in range(100))
    assert len(quota) == 0


def test_memory_is_bounded_and_the_longest_unused_goes_first() -> None:
    quota = Quota(2, most_tenants=3, clock=Clock())
    for tenant in "aabbccadd":
        taken(quota, tenant)
    assert len(quota) == 3
    assert [taken(quota, tenant) for tenant in "bcd"] == [False] * 3, "a, the first and full, made room"
    quota = Quota(2, most_tenants=3, clock=Clock())
    for tenant in "abbccadd":
        quota.take(tenant)
    assert len(quota) == 3
    assert [taken(quota, tenant) for tenant in "acd"] == [False] * 3, "a was used again, so b made room"
    assert taken(quota, "b")


STEPS = st.lists(st.tuples(st.floats(0, 90), st.integers(0, 40), st.sampled_from("ab")), min_size=1, max_size=60)
RATES = st.integers(1, 2_000)


@given(rate=RATES, burst_s=st.sampled_from([1.0, 10.0, 60.0]), steps=STEPS)
def test_no_stretch_of_time_has_more_than_its_share(
    rate: int, burst_s: float, steps: list[tuple[float, int, str]]
) -> None:
    clock = Clock()
    quota = Quota(rate, burst_s=burst_s, clock=clock)
    capacity = max(rate / 60 * burst_s, 1.0)
    admitted: dict[str, list[tuple[float, int]]] = {"a": [], "b": []}
    for pause_s, cost, tenant in steps:
        clock.now += pause_s
        if cost and taken(quota, tenant, cost):
            admitted[tenant].append((clock.now, cost))
    for taken_by_tenant in admitted.values():
        for first, (start, _) in enumerate(taken_by_tenant):
            total = 0.0
            for moment, cost in taken_by_tenant[first:]:
                share = (moment - start) * rate / 60 + capacity
                assert total + min(cost, capacity) <= share + 1e-3
                total += cost


@given(rate=RATES, burst_s=st.sampled_from([1.0, 10.0, 60.0]), steps=STEPS)
def test_the_advice_is_the_first_whole_second_that_works(
    rate: int, burst_s: float, steps: list[tuple[float, int, str]]
) -> None:
    clock = Clock()
    quota = Quota(rate, burst_s=burst_s, clock=clock)
    for pause_s, cost, tenant in steps:
        clock.now += pause_s
        wait_s = advised_wait_s(quota, tenant, cost)
        if wait_s is None:
            continue
        assert isinstance(wait_s, int)
        assert wait_s >= 1
        refused_at = clock.now
        if wait_s > 1:
            clock.now = refused_at + wait_s - 1 - 1e-3
            assert not taken(quota, tenant, cost), "a shorter wait would have done"
        clock.now = refused_at + wait_s
        assert taken(quota, tenant, cost), "who waits as told is refused again"


def test_many_threads_take_no_more_than_one_would() -> None:
    quota = Quota(500, clock=Clock())
    admitted: list[bool] = []
    threads = [threading.Thread(target=lambda: admitted.extend([taken(quota) for _ in range(200)])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(admitted) == 1_600
    assert sum(admitted) == 500
