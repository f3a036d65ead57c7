from __future__ import annotations

import csv
import json
from pathlib import Path

from seatrial.data.annotate.label_studio import read_tasks
from seatrial.data.annotate.store import Item, Setup, Store
from seatrial.data.annotate.votes import row_votes
from seatrial.data.dataset import read_split
from seatrial.data.prepare import prepare
from seatrial.label.export import export_answers
from seatrial.label.fill import fill_from_tasks
from seatrial.progress import silent
from seatrial.spec.data import DataSpec
from seatrial.tasks import TASKS


def answered(store: Store) -> Store:
    for place, (rater, item, label) in enumerate(
        [("ann", "a", "good"), ("bob", "a", "good"), ("ann", "b", "bad"), ("bob", "b", "good"), ("ann", "d", "bad")]
    ):
        store.record(rater, item, "answer", label, token=f"t{place}")
    store.record("bob", "c", "skip", token="skip")
    return store


def test_a_row_per_answered_item_as_a_project_reads_it(store: Store, tmp_path: Path) -> None:
    assert export_answers(answered(store), tmp_path / "out.jsonl") == 3
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [(row["text"], row["label"], row["decided"]) for row in rows] == [
        ("good day", "good", "unanimous"),
        ("bad day", "", "tied"),
        ("=1+1", "bad", "unanimous"),
    ]
    assert row_votes(rows[1], "ratings", "label", ("bad", "good")) == {"ann": "bad", "bob": "good"}
    store.record("eve", "b", "decide", "bad", token="decide")
    export_answers(store, tmp_path / "out.jsonl")
    row = json.loads((tmp_path / "out.jsonl").read_text().splitlines()[1])
    assert (row["label"], row["decided"]) == ("bad", "adjudicated")


def test_csv_runs_in_no_spreadsheet(store: Store, tmp_path: Path) -> None:
    export_answers(answered(store), tmp_path / "out.csv")
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text().splitlines()))
    assert rows[2]["text"] == "'=1+1"
    assert json.loads(rows[0]["ratings"]) == {"ann": "good", "bob": "good"}


def test_columns_of_the_data_keep_their_values(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite", Setup(("bad", "good")))
    store.add_items([Item("1", "day", {"text": "day", "label": "old"})])
    store.add_raters(["ann"])
    store.record("ann", "1", "answer", "good", token="t")
    export_answers(store, tmp_path / "out.jsonl")
    row = json.loads((tmp_path / "out.jsonl").read_text())
    assert (row["source_label"], row["label"]) == ("old", "good")
    store.close()


def test_label_studio_tasks_fill_another_store_once(store: Store, tmp_path: Path) -> None:
    export_answers(answered(store), tmp_path / "tasks.json")
    assert [len(task.annotations) for task in read_tasks(tmp_path / "tasks.json")] == [2, 2, 1, 1]
    other = Store(tmp_path / "other.sqlite", Setup(("bad", "good")))
    assert fill_from_tasks(other, tmp_path / "tasks.json") == (4, 6)
    assert fill_from_tasks(other, tmp_path / "tasks.json") == (0, 0)
    assert sorted(other.standing.votes()) == sorted(store.standing.votes())
    other.close()


def test_a_project_learns_from_the_answers(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite", Setup(("bad", "good"), per_item=2))
    texts = [f"word{i} thing{i * 7} more{i * 3}" for i in range(40)]
    store.add_items(Item(str(i), text, {"text": text}) for i, text in enumerate(texts))
    store.add_raters(["ann", "bob"])
    for item in store.ids():
        store.record("ann", item, "answer", ("bad", "good")[int(item) % 2], token=f"ann {item}")
        store.record("bob", item, "answer", ("bad", "good")[int(item) % 2 and item != "3"], token=f"bob {item}")
    export_answers(store, tmp_path / "rated.csv")
    store.close()
    values = {"sources": [{"name": "s", "path": "rated.csv"}], "columns": {"text": "text", "ratings": "ratings"}}
    spec = DataSpec.model_validate({**values, "ratings": {"vote": "label"}})
    (tmp_path / "out").mkdir()
    task = TASKS.get("text-classification")()
    labels = ("bad", "good")
    prepare(spec, task=task, labels=labels, root=tmp_path, seed=1, out=tmp_path / "out", progress=silent)
    found = [it for split in ("train", "validation", "test") for it in read_split(tmp_path / "out", split)]
    assert len(found) == 40
    assert {it.distribution for it in found} == {(1.0, 0.0), (0.5, 0.5), (0.0, 1.0)}
