from __future__ import annotations

from seatrial.evaluate.slices import MOST_VALUES, select, slice_values, wheres


def test_select(example):
    examples = [example("a", domain="tweets", agreed="yes"), example("a", domain="film", agreed="yes"), example("b")]
    assert select(examples, {}).tolist() == [0, 1, 2]
    assert select(examples, {"agreed": "yes"}).tolist() == [0, 1]
    assert select(examples, {"agreed": "yes", "domain": "film"}).tolist() == [1]
    assert select(examples, {"agreed": "maybe"}).tolist() == []
    assert select(examples, {"unknown": "yes"}).tolist() == []
    assert select([], {}).dtype.kind == "i"


def test_slice_values_from_frequent_to_rare(example):
    examples = [example("a", domain=domain) for domain in ("x", "z", "z", "y")]
    assert slice_values(examples) == {"domain": {"z": 2, "x": 1, "y": 1}}
    assert list(slice_values(examples)["domain"]) == ["z", "x", "y"]


def test_wheres_lists_each_filter_once(example):
    examples = [example("a", domain="tweets", agreed="yes"), example("a", domain="film", agreed="yes")]
    asked = [{"domain": "tweets"}, {"agreed": "yes", "domain": "film"}, {"domain": "film", "agreed": "yes"}, {}]
    assert wheres(examples, asked) == [
        {},
        {"agreed": "yes"},
        {"domain": "film"},
        {"domain": "tweets"},
        {"agreed": "yes", "domain": "film"},
    ]


def test_a_slice_of_many_values_is_cut_but_what_was_asked_is_kept(example):
    examples = [example("a", day=str(day)) for day in range(200)]
    found = wheres(examples, [{"day": "199"}])
    assert len(found) == 1 + MOST_VALUES + 1
    assert found[-1] == {"day": "199"}
