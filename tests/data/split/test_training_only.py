"""What nobody has labelled is in the training split or nowhere."""

from __future__ import annotations

from seatrial.data.split.keys import SplitKey, Time
from seatrial.data.split.leaks import find_leaks
from seatrial.data.split.stratified import assign_stratified
from seatrial.data.split.training_only import beside_measured, not_for_training, reindexed
from seatrial.records import Example, Provenance
from seatrial.spec.data_split import Split


def examples(count: int) -> list[Example]:
    return [Example(str(i), {"text": f"t{i}"}, "ab"[i % 2], Provenance("s", i + 1)) for i in range(count)]


def test_the_others_are_divided_as_if_they_were_alone() -> None:
    weak = [i % 3 == 0 for i in range(90)]
    measured = [i for i in range(90) if not weak[i]]
    keys = [SplitKey()] * 90
    found = beside_measured(
        assign_stratified, examples(90), keys, [[1, 3], [4, 5, 6]], split=Split(), seed=3, unlabelled=weak
    )
    assert {split for split, its in zip(found, weak, strict=True) if its} == {"train"}
    alone = assign_stratified(
        [examples(90)[i] for i in measured], keys[:60], [[measured.index(4), measured.index(5)]], Split(), 3
    )
    assert [found[i] for i in measured] == alone
    assert alone.count("test") == 12


def test_their_copies_of_what_is_held_out_go_and_nothing_else() -> None:
    splits = ["train", "train", "test", "validation", "train"]
    leaks = find_leaks(splits, texts=["a", "a", "a", "b", "b"], groups=[None, None, None, None, None])
    reasons = not_for_training(splits, [SplitKey()] * 5, leaks, Split(), [True, False, False, False, True])
    assert reasons == {"exact copy of a test example": [0], "exact copy of a validation example": [4]}


def test_nothing_is_learned_from_later_than_people_labelled_and_nothing_measured_without_a_label() -> None:
    keys = [SplitKey(time=Time(float(t), number=True)) for t in (1, 5, 9, 3, 6)]
    splits = ["train", "train", "test", "train", "train"]
    weak = [False, False, False, True, True]
    by_time = Split(method="time", time="at", stratify=[])
    assert not_for_training(splits, keys, [], by_time, weak) == {
        "later than the training examples that people labelled": [4]
    }
    given = Split(column="part")
    assert not_for_training(["train", "test"], [SplitKey()] * 2, [], given, [False, True]) == {
        "there is no label to measure by": [1]
    }


def test_clusters_by_new_places() -> None:
    assert reindexed([[0, 2, 3], [1, 4]], [0, 3, 4]) == [[0, 1]]
