"""What differs between two versions: by text, by id, of files and of prepared data sets, and with a bound on memory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from seatrial.data.dataset import write_dataset_file, write_split
from seatrial.data.versions import Diff, diff, open_sides
from seatrial.errors import ArtifactError, DataError
from seatrial.progress import silent
from seatrial.records import Example, Provenance

OLD = "id,text,label,source\n1,hello,x,web\n2,world,y,web\n3,gone,x,web\n4,stays,y,web\n4,stays,y,web\n"
NEW = "id,text,label,source\n1,hello there,x,web\n2,world,x,web\n4,stays,y,app\n5,new,y,web\n"


def compared(a: Path | str, b: Path | str, **options: Any) -> tuple[Diff, list[dict[str, Any]]]:
    limits = {name: options.pop(name) for name in ("examples", "max_bad_rows") if name in options}
    with diff(*open_sides(str(a), str(b), **options), progress=silent, **limits) as (found, changes):
        return found, list(changes)


@pytest.fixture
def versions(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "old.csv").write_text(OLD)
    (tmp_path / "new.csv").write_text(NEW)
    return tmp_path / "old.csv", tmp_path / "new.csv"


def test_by_text(versions: tuple[Path, Path]) -> None:
    found, changes = compared(*versions)
    assert (found.added, found.removed, found.changed_rows, found.same) == (2, 2, 2, 0)
    assert found.changed == {"text": 0, "label": 1, "split": 0, "other columns": 1}
    assert found.rows["a"] == {"rows": 5, "bad_rows": 0, "copies": 1}
    assert found.label_changes == [{"from": "y", "to": "x", "count": 1}]
    kinds = [(change["change"], (change["b"] or change["a"])["text"]) for change in changes]
    assert kinds == [
        ("removed", "hello"),
        ("removed", "gone"),
        ("added", "hello there"),
        ("added", "new"),
        ("changed", "world"),
        ("changed", "stays"),
    ]
    assert changes[2]["b"]["where"].endswith("new.csv row 1")


def test_by_id(versions: tuple[Path, Path]) -> None:
    found, changes = compared(*versions, key="id")
    assert (found.added, found.removed, found.changed_rows, found.same) == (1, 1, 3, 0)
    assert found.changed == {"text": 1, "label": 1, "split": 0, "other columns": 1}
    changed = {change["a"]["text"]: change["parts"] for change in changes if change["change"] == "changed"}
    assert changed == {"hello": ["text"], "world": ["label"], "stays": ["other columns"]}


def test_a_version_is_the_same_as_itself_in_another_format(versions: tuple[Path, Path], tmp_path: Path) -> None:
    rows = [line.split(",") for line in OLD.splitlines()]
    with (tmp_path / "old.jsonl").open("w") as file:
        file.writelines(json.dumps(dict(zip(rows[0], row, strict=True))) + "\n" for row in reversed(rows[1:]))
    found, changes = compared(versions[0], tmp_path / "old.jsonl")
    assert (found.same, changes) == (4, [])
    assert (found.class_distance, found.length_distance) == (0, 0)


def test_beside_a_file_without_types_values_are_what_their_cells_say(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        'id,text,label,n,share,none,list,yes\n1,one,0,0,1.5,,"[1, 2]",True\n2,two,1,7,2.0,,[],False\n'
    )
    rows = [
        {"id": 1, "text": "one", "label": 0, "n": 0, "share": 1.5, "none": None, "list": [1, 2], "yes": True},
        {"id": 2, "text": "two", "label": 1, "n": 7, "share": 2.0, "none": None, "list": [], "yes": False},
    ]
    (tmp_path / "b.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for key in (None, "id"):
        for a, b in (("a.csv", "b.jsonl"), ("b.jsonl", "a.csv")):
            found, _ = compared(tmp_path / a, tmp_path / b, key=key)
            assert (found.same, found.changed_rows, found.added) == (2, 0, 0)
    rows[0]["n"] = 1
    (tmp_path / "c.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert compared(tmp_path / "a.csv", tmp_path / "c.jsonl")[0].changed["other columns"] == 1
    rows[0]["n"] = "1"
    (tmp_path / "d.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert compared(tmp_path / "c.jsonl", tmp_path / "d.jsonl")[0].changed_rows == 1  # with types on both sides


def test_how_classes_and_lengths_moved(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,label\n" + "".join(f"a{i:03},{'xy'[i % 2]}\n" for i in range(100)))
    (tmp_path / "b.csv").write_text("text,label\n" + "".join(f"b{i:07},{'xyyy'[i % 4]}\n" for i in range(100)))
    found, _ = compared(tmp_path / "a.csv", tmp_path / "b.csv")
    assert found.class_distance == pytest.approx(0.25)
    assert {row["label"]: (row["a"], row["b"]) for row in found.classes} == {"x": (50, 25), "y": (50, 75)}
    assert (found.lengths["a"]["p50"], found.lengths["b"]["p50"], found.length_distance) == (4, 8, 1)


def test_the_most_frequent_labels_come_first(tmp_path: Path) -> None:
    for name, often in (("a.csv", "z"), ("b.csv", "y")):
        labels = ["x", often, often, often, often, "y" if often == "z" else "z"]
        (tmp_path / name).write_text("text,label\n" + "".join(f"{i},{it}\n" for i, it in enumerate([*labels, "z"])))
    found, _ = compared(tmp_path / "a.csv", tmp_path / "b.csv", text="text")
    assert [(row["label"], row["a"] + row["b"]) for row in found.classes] == [("z", 7), ("y", 5), ("x", 2)]


def test_votes_that_changed_are_a_change(tmp_path: Path) -> None:
    folders = []
    for name, shares in (("old", (0.6, 0.4)), ("new", (0.9, 0.1))):
        folders.append(prepared(tmp_path / name))
        example = Example("1", {"text": "t"}, "x", Provenance("s", 1), distribution=shares, raters=10)
        write_split(folders[-1], "train", [example])
    found, _ = compared(*folders)
    assert (found.same, found.changed_rows, found.changed["other columns"]) == (0, 1, 1)


def test_globs_and_bad_rows(versions: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "new-2.csv").write_text("id,text,label,source\n9,more,x,web\ntoo,few\n")
    found, _ = compared(versions[0], f"{tmp_path}/new*.csv")
    assert found.rows["b"] == {"rows": 6, "bad_rows": 1, "copies": 0}
    assert found.added == 3
    with pytest.raises(DataError, match="more than 0 rows cannot be read") as caught:
        compared(versions[0], f"{tmp_path}/new*.csv", max_bad_rows=0)
    assert str(caught.value.where).endswith("new-2.csv:3")


def prepared(folder: Path, **splits: list[tuple[str, str]]) -> Path:
    folder.mkdir()
    for split in ("train", "validation", "test"):
        examples = [
            Example(id=f"{text}-id", inputs={"text": text}, label=label, provenance=Provenance("s", number))
            for number, (text, label) in enumerate(splits.get(split, []), start=1)
        ]
        write_split(folder, split, examples)
    write_dataset_file(folder, ["x", "y"], {split: len(rows) for split, rows in splits.items()}, 1)
    return folder


def test_prepared_data_sets_and_who_moved_between_the_splits(tmp_path: Path) -> None:
    old = prepared(tmp_path / "old", train=[("one", "x"), ("two", "y")], test=[("three", "x")])
    new = prepared(tmp_path / "new", train=[("one", "x"), ("three", "x")], test=[("four", "y")])
    found, _ = compared(old, new)
    assert (found.added, found.removed, found.changed_rows, found.same) == (1, 1, 1, 1)
    assert found.split_changes == [{"from": "test", "to": "train", "count": 1}]
    assert compared(old, new, key="id")[0].by == "id"


def test_what_is_no_version(tmp_path: Path, versions: tuple[Path, Path]) -> None:
    data = prepared(tmp_path / "data", train=[("one", "x")])
    with pytest.raises(DataError, match="one is a prepared data set"):
        compared(data, versions[0])
    (tmp_path / "folder").mkdir()
    with pytest.raises(DataError, match="neither a prepared data set nor a project"):
        compared(tmp_path / "folder", versions[0])
    (tmp_path / "folder" / "seatrial.yaml").write_text("name: p\n")
    with pytest.raises(DataError, match="has no prepared data set"):
        compared(tmp_path / "folder", versions[0])
    with pytest.raises(DataError, match="no file matches"):
        compared(f"{tmp_path}/none*.csv", versions[0])
    with pytest.raises(DataError, match="no column 'nope'"):
        compared(*versions, key="nope")
    (data / "train.jsonl").write_text("{}\n")
    with pytest.raises(ArtifactError, match="is not an example") as caught:
        compared(data, data)
    assert str(caught.value.where).endswith("train.jsonl:1")


def test_the_temporary_database_is_gone_whatever_happens(versions: tuple[Path, Path], tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempfile.tempdir", str(scratch))
        with diff(*open_sides(*map(str, versions)), progress=silent) as (_, changes):
            assert list(scratch.iterdir())
            next(changes)
        with pytest.raises(DataError):
            (tmp_path / "bad.csv").write_text("text\nx,y\n" + "x\n" * 20)
            compared(tmp_path / "bad.csv", versions[0], max_bad_rows=0)
    assert not list(scratch.iterdir())
