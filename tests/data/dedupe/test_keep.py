"""Which member of a cluster stays."""

from __future__ import annotations

from seatrial.data.dedupe.keep import NO_LABEL, Copies, Keep, Verdict, copies_to_drop, judge_cluster


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


def test_a_missing_label_is_no_vote_and_its_row_is_a_plain_copy() -> None:
    found = judge_cluster([0, 1, 2, 3], "majority", labels=[NO_LABEL, NO_LABEL, 5, NO_LABEL], lengths=[])
    assert found == Verdict(kept=(2,), copies=(0, 1, 3))
    assert judge_cluster([0, 1], "majority", labels=[NO_LABEL] * 2, lengths=[]) == Verdict(kept=(0,), copies=(1,))


def test_those_with_the_lowest_rank_are_chosen_among() -> None:
    ranks, lengths = [1, 0, 0, 1], [9, 2, 3, 9]
    keeps: tuple[Keep, ...] = ("first", "longest", "majority")
    kept = [judge_cluster([0, 1, 2, 3], keep, labels=[1] * 4, lengths=lengths, ranks=ranks).kept for keep in keeps]
    assert kept == [(1,), (2,), (1,)]


def test_all_clusters_at_once_with_labels_by_name() -> None:
    labels = ["x", "x", "", "y", "x", "y"]
    found = copies_to_drop([[0, 1, 3], [4, 5]], "majority", labels=labels)
    assert found == Copies(same=(1,), outvoted=(3,), undecided=(4, 5))
    assert list(found.reasons("near")) == [
        "near copy",
        "near copy under another label than most",
        "near copies whose labels disagree",
    ]
