"""Ways to split other than by shares alone: what each promises, on made-up examples."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from seatrial.data.split import SPLITTERS
from seatrial.data.split.hashed import hashed_fold, hashed_split
from seatrial.data.split.keys import SplitKey, Time
from seatrial.data.split.leaks import find_leaks
from seatrial.errors import DataError
from seatrial.records import SPLITS, Example, Provenance
from seatrial.spec.data_split import Split


def example(number: int, label: str) -> Example:
    return Example(f"id{number}", {"text": f"text {number}"}, label, Provenance("s", number))


def many(count: int) -> list[Example]:
    return [example(i, "ab"[i % 3 == 0]) for i in range(count)]


def keys(groups: list[str]) -> list[SplitKey]:
    return [SplitKey(group=group) for group in groups]


def at(times: list[float]) -> list[SplitKey]:
    return [SplitKey(time=Time(value, number=True)) for value in times]


def test_every_way_to_split_loads() -> None:
    assert [callable(SPLITTERS.get(name)) for name in SPLITTERS] == [True] * 4


# groups ---------------------------------------------------------------------------------------------------------------
BY_GROUP = Split(method="group", group="who")


@given(st.lists(st.integers(0, 40), min_size=3, max_size=150), st.integers(0, 2**32 - 1))
def test_no_group_and_no_cluster_is_torn(marks: list[int], seed: int) -> None:
    groups = [f"g{mark}" for mark in marks]
    clusters = [[0, len(marks) - 1]]
    if len(set(groups)) < 5:
        return
    splits = SPLITTERS.get("group")(many(len(marks)), keys(groups), clusters, BY_GROUP, seed)
    assert find_leaks(splits, clusters=clusters, groups=groups) == []
    assert set(splits) <= set(SPLITS)


def test_shares_and_mix_are_met_nearly_and_the_order_does_not_matter() -> None:
    examples = many(3000)
    groups = [f"g{i * i % 97}-{i % 7}" for i in range(3000)]
    splits = SPLITTERS.get("group")(examples, keys(groups), [], BY_GROUP, 17)
    counts = Counter(splits)
    assert abs(counts["test"] - 600) < 30
    assert abs(counts["validation"] - 300) < 30
    for name in SPLITS:
        share = sum(e.label == "b" for e, s in zip(examples, splits, strict=True) if s == name) / counts[name]
        assert abs(share - 1 / 3) < 0.03
    assert SPLITTERS.get("group")(examples[::-1], keys(groups[::-1]), [], BY_GROUP, 17) == splits[::-1]
    assert SPLITTERS.get("group")(examples, keys(groups), [], BY_GROUP, 18) != splits


def test_too_few_groups() -> None:
    with pytest.raises(DataError, match=r"has 2 group\(s\)"):
        SPLITTERS.get("group")(many(6), keys(["a", "b"] * 3), [], BY_GROUP, 1)


# time -----------------------------------------------------------------------------------------------------------------
BY_TIME = Split(method="time", time="when")


@given(st.lists(st.integers(0, 30), min_size=3, max_size=100).filter(lambda times: len(set(times)) >= 3))
def test_what_is_later_is_never_learned_from(times: list[int]) -> None:
    splits = SPLITTERS.get("time")(many(len(times)), at([float(t) for t in times]), [], BY_TIME, 1)
    ranges = {name: [t for t, s in zip(times, splits, strict=True) if s == name] for name in SPLITS}
    assert max(ranges["train"]) < min(ranges["validation"])
    assert max(ranges["validation"]) < min(ranges["test"])


def test_cuts_are_at_the_shares_or_at_the_nearest_other_time() -> None:
    def sizes(times: list[float]) -> list[int]:
        counts = Counter(SPLITTERS.get("time")(many(len(times)), at(times), [], BY_TIME, 1))
        return [counts[name] for name in SPLITS]

    assert sizes([float(i) for i in range(100)]) == [70, 10, 20]
    assert sizes([float(i // 10) for i in range(100)]) == [70, 10, 20]
    assert sizes([0.0] * 95 + [1.0, 2.0, 3.0, 4.0, 5.0]) == [95, 1, 4]


def test_times_without_an_order() -> None:
    mixed = [SplitKey(time=Time(1.0, number=n)) for n in (True, False, True)]
    with pytest.raises(DataError, match="dates in some rows and plain numbers"):
        SPLITTERS.get("time")(many(3), mixed, [], BY_TIME, 1)
    with pytest.raises(DataError, match=r"has 2 different time\(s\)"):
        SPLITTERS.get("time")(many(4), at([1, 1, 2, 2]), [], BY_TIME, 1)


# hash -----------------------------------------------------------------------------------------------------------------
BY_HASH = Split(method="hash")


def test_no_row_moves_when_rows_are_added_or_turned_around() -> None:
    examples = many(4000)
    none = [SplitKey()] * 4000
    splits = SPLITTERS.get("hash")(examples, none, [], BY_HASH, 17)
    assert SPLITTERS.get("hash")(examples[:100], none[:100], [], BY_HASH, 17) == splits[:100]
    assert SPLITTERS.get("hash")(examples[::-1], none, [], BY_HASH, 17) == splits[::-1]
    counts = Counter(splits)
    assert abs(counts["test"] - 800) < 100  # four standard deviations
    assert abs(counts["validation"] - 400) < 80


def test_the_hash_is_the_same_on_every_machine() -> None:
    first = [hashed_split(f"text {i}", BY_HASH, 17) for i in range(8)]
    assert first == ["train", "validation", "train", "validation", "train", "train", "train", "train"]


def test_a_larger_test_share_takes_nothing_away() -> None:
    more = Split(method="hash", train=0.6, validation=0.1, test=0.3)
    texts = [f"text {i}" for i in range(2000)]
    before = {text for text in texts if hashed_split(text, BY_HASH, 1) == "test"}
    assert before < {text for text in texts if hashed_split(text, more, 1) == "test"}
    validation = [text for text in texts if hashed_split(text, BY_HASH, 1) == "validation"]
    assert validation == [text for text in texts if hashed_split(text, more, 1) == "validation"]


def test_copies_and_groups_go_the_same_way() -> None:
    copies = [
        Example(str(i), {"text": text}, "a", Provenance("s", i)) for i, text in enumerate(["So  Good", "so good"])
    ]
    for seed in range(50):
        assert len(set(SPLITTERS.get("hash")(copies, [SplitKey()] * 2, [], BY_HASH, seed))) == 1
        assert len(set(SPLITTERS.get("hash")(many(9), keys(["g"] * 9), [], BY_HASH, seed))) == 1


# folds ----------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", ["stratified", "group", "hash"])
def test_each_example_is_in_test_once_and_never_torn_from_its_group(method: str) -> None:
    examples, groups = many(600), [f"g{i // 3}" for i in range(600)]
    group = "who" if method == "group" else None
    keyed = keys(groups) if group else [SplitKey()] * 600
    clusters = [] if method == "hash" else [[0, 400], [7, 9, 500]]
    tested: Counter[int] = Counter()
    for fold in range(1, 6):
        split = Split(method=method, group=group, folds=5, fold=fold)
        splits = SPLITTERS.get(method)(examples, keyed, clusters, split, 17)
        tested.update(index for index, name in enumerate(splits) if name == "test")
        assert find_leaks(splits, clusters=clusters, groups=groups if group else ()) == []
        counts = Counter(splits)
        slack = 50 if method == "hash" else 6
        assert abs(counts["test"] - 120) <= slack
        assert abs(counts["validation"] - 480 / 8) <= slack
        if method != "hash":
            share = sum(examples[i].label == "b" for i, s in enumerate(splits) if s == "test") / counts["test"]
            assert abs(share - 1 / 3) < 0.03
    assert tested == dict.fromkeys(range(600), 1)


def test_folds_are_counted_from_one() -> None:
    assert {hashed_fold(str(i), 3, 1) for i in range(100)} == {1, 2, 3}


# the section ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"method": "group"}, "needs the name of a column in group"),
        ({"group": "who"}, "set method: group"),
        ({"method": "time"}, "needs the name of a column in time"),
        ({"method": "time", "time": "t", "folds": 5}, "train on the future"),
        ({"method": "hash", "stratify": ["domain"]}, "cannot stratify"),
        ({"folds": 3, "fold": 4}, "fold 4 of 3 is none"),
        ({"column": "part", "folds": 3}, "folds or column, not both"),
    ],
)
def test_sections_that_cannot_be_meant(section: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Split.model_validate(section)


def test_the_defaults_survive_being_written_out() -> None:
    for section in ({}, {"method": "hash"}, {"method": "time", "time": "t"}):
        split = Split.model_validate(section)
        assert Split.model_validate(split.model_dump()) == split
