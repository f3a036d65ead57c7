"""The report on data: every figure against texts in which it is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.data.dataset import write_split
from seatrial.data.flow.tables import table_of
from seatrial.data.inspect import Item, Look, Unread, inspect_items, items_of_table
from seatrial.data.inspect.items import items_of_prepared
from seatrial.data.inspect.masked import masked
from seatrial.errors import DataError
from seatrial.records import Augmented, Example, Provenance
from seatrial.tasks import TASKS

GOOD = "the ship sailed well and everybody aboard was happy with number {}"
BAD = "the engine broke down again and nobody would pay for voyage {}"
NEAR = "a long sentence about the trial of a ship at sea which is copied with one word changed at the very end of it {}"


def item(text: str, label: str = "", part: str = "train", row: int = 1) -> Item:
    return Item(text, label, part, Provenance("made", row))


def labelled(count: int) -> list[Item | Unread]:
    return [
        item((GOOD if i % 2 else BAD).format(f"n{i} m{i * 7}"), "good" if i % 2 else "bad", row=i) for i in range(count)
    ]


QUICK = Look(sample=0, labelled=0)


def test_a_prepared_data_set_is_looked_at_by_split_and_without_what_was_made(tmp_path: Path) -> None:
    here = Provenance("s", 1)
    made = Example("3", {"text": "made from a"}, "x", here, augmented=Augmented("typos", "1"))
    write_split(tmp_path, "train", [Example("1", {"text": "a"}, "x", here), made])
    write_split(tmp_path, "validation", [])
    write_split(tmp_path, "test", [Example("2", {"text": "b"}, "y", Provenance("s", 2))])
    found = items_of_prepared(tmp_path, task=TASKS.get("text-classification")())
    assert list(found) == [Item("a", "x", "train", here), Item("b", "y", "test", Provenance("s", 2))]


def test_personal_data_in_the_texts_that_are_shown_is_masked(tmp_path: Path) -> None:
    report = inspect_items([item("write to ada@example.org"), item("plain")], QUICK, scratch=tmp_path)
    assert {row["text"] for row in masked(report).tables["samples"]} == {"write to [EMAIL]", "plain"}
    assert "ada@" not in str(masked(report).as_dict())


def test_languages_are_left_out_where_nothing_can_tell_them(tmp_path: Path) -> None:
    look = Look(sample=5, labelled=0, languages=False)
    report = inspect_items([item(GOOD.format(1))], look, scratch=tmp_path)
    assert report.tables["languages"] == []
    assert report.facts["sampled"] == 1


def test_everything_is_counted(tmp_path: Path) -> None:
    items = [
        item("one two", "a"),
        item("三个字", "a", "test"),
        item(" "),
        Unread("no label"),
        Unread("no label"),
        item("x", "b"),
    ]
    report = inspect_items(items, QUICK, scratch=tmp_path, count_tokens=lambda texts: [7 for _ in texts])
    facts = {"rows": 6, "bad_rows": 2, "empty": 1, "texts": 3, "labelled": 3, "compared": 3}
    assert {name: report.facts[name] for name in facts} == facts
    assert report.tables["bad_rows"] == [{"reason": "no label", "count": 2}]
    assert report.tables["parts"] == [{"part": "train", "rows": 3}, {"part": "test", "rows": 1}]
    assert report.tables["labels"][0] == {"label": "a", "count": 2, "share": 2 / 3}
    characters, words, tokens = report.tables["lengths"]
    assert (characters["min"], characters["p50"], characters["max"]) == (1, 3, 7)
    assert (words["min"], words["p50"], words["max"]) == (1, 2, 3)
    assert (tokens["unit"], tokens["mean"]) == ("tokens", 7)
    assert [row["count"] for row in report.series["length_histogram"]] == [1, 1, 1]
    assert not list(tmp_path.iterdir())


def test_copies_and_leaks_are_found(tmp_path: Path) -> None:
    items = [
        *(item("Hello  there friend", "a"), item("hello there friend", "b"), item("hello there friend", part="test")),
        *(item(NEAR.format("one"), "a"), item(NEAR.format("two"), "a", part="test"), item("nothing like it", "a")),
    ]
    report = inspect_items(items, QUICK, scratch=tmp_path)
    assert report.tables["copies"] == [
        {"kind": "exact", "clusters": 1, "texts": 3, "more": 2, "conflicting": 1},
        {"kind": "near", "clusters": 1, "texts": 2, "more": 1, "conflicting": 0},
    ]
    assert report.tables["leaks"] == [
        {"kind": "exact", "between": ["test", "train"], "clusters": 1},
        {"kind": "near", "between": ["test", "train"], "clusters": 1},
    ]


def test_samples_tell_languages_personal_data_and_wrong_labels(tmp_path: Path) -> None:
    items = labelled(120)
    items[8] = item(GOOD.format("n8"), "bad", row=8)
    items += [item("Das ist ein ganz gewöhnlicher deutscher Satz, write to anna.berg@example.org", part="x")] * 2
    report = inspect_items(items, Look(sample=500, shown=3), scratch=tmp_path)
    assert report.tables["languages"][0]["language"] == "en"
    assert {"entity": "email", "texts": 2, "found": 2} in report.tables["personal_data"]
    assert report.tables["suspected_labels"][0]["row"] == 8
    assert report.tables["suspected_labels"][0]["suggested"] == "good"
    assert (report.facts["judged_labels"], report.facts["sampled"]) == (120, 122)
    assert len(report.tables["samples"]) == 3


def test_caps_bound_what_is_looked_at_and_are_told(tmp_path: Path) -> None:
    look = Look(sample=10, labelled=20, compared=30, shown=2)
    report = inspect_items(labelled(100), look, scratch=tmp_path)
    assert {name: report.facts[name] for name in ("sampled", "judged_labels", "compared", "texts")} == {
        "sampled": 10,
        "judged_labels": 20,
        "compared": 30,
        "texts": 100,
    }
    again = inspect_items(labelled(100), look, scratch=tmp_path)
    assert again == report


def test_processes_find_the_same(tmp_path: Path) -> None:
    assert inspect_items(labelled(2100), QUICK, scratch=tmp_path, workers=2) == inspect_items(
        labelled(2100), QUICK, scratch=tmp_path
    )


def test_no_text_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no text"):
        inspect_items([item(" "), Unread("broken")], QUICK, scratch=tmp_path)
    assert not list(tmp_path.iterdir())


def test_files_are_parts_unless_a_column_says_the_split(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("text,label,split\nhi,1,train\nho,,test\n", encoding="utf-8")
    table = table_of([file])
    found = [one for one in items_of_table(table, text="text", label="label", split="split") if isinstance(one, Item)]
    assert [(one.text, one.label, one.part) for one in found] == [("hi", "1", "train"), ("ho", "", "test")]
    found = [one for one in items_of_table(table, text="text", label=None, split=None) if isinstance(one, Item)]
    assert [(one.label, one.part) for one in found] == [("", str(file)), ("", str(file))]
