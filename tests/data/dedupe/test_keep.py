"""Which member of a cluster stays."""

from __future__ import annotations

from seatrial.data.dedupe.keep import Keep, Verdict, judge_cluster


def judged(keep: Keep, protected: tuple[int, ...] = (), labels: str = "xyyy") -> Verdict:
    return judge_cluster(
        [0, 1, 2, 3],
        keep,
        labels=[ord(label) for label in labels],
        lengths=[5, 7, 7, 1],
        protected=[index in protected for index in range(4)],
    )


def test_the_first_or_the_first_of_the_longest() -> None:
    assert judged("first") == Verdict(kept=(0,), copies=(1, 2, 3))
    assert judged("longest") == Verdict(kept=(1,), copies=(0, 2, 3))


def test_the_first_with_the_label_that_most_have_or_none() -> None:
    assert judged("majority") == Verdict(kept=(1,), copies=(2, 3), outvoted=(0,))
    assert judged("majority", labels="xxyy") == Verdict(undecided=(0, 1, 2, 3))


def test_what_is_protected_stays_and_all_others_go() -> None:
    for keep in ("first", "longest", "majority"):
        assert judged(keep, protected=(2, 3)) == Verdict(kept=(2, 3), leaked=(0, 1))
