from __future__ import annotations

import json
from pathlib import Path

import pytest

from seatrial.data.annotate.store import Setup, Store
from seatrial.data.flow.tables import table_of
from seatrial.errors import DataError
from seatrial.label.fill import fill_from_table, fill_from_tasks


def filled(store: Store, folder: Path, content: str, item: str | None = None) -> int:
    (folder / "rows.csv").write_text(content)
    return fill_from_table(store, table_of([folder / "rows.csv"]), text="text", item=item)


def test_rows_are_added_once_and_empty_texts_are_not_asked_about(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite", Setup(("bad", "good")))
    assert filled(store, tmp_path, "id,text\nx,one\ny, \nz,three\n", "id") == 2
    assert filled(store, tmp_path, "id,text\nnew,four\nx,one\nz,three\n", "id") == 1
    assert store.ids() == ["x", "z", "new"]
    assert store.item("z").values == {"id": "z", "text": "three"}
    with pytest.raises(DataError, match="there twice"):
        filled(store, tmp_path, "id,text\nq,one\nq,two\n", "id")
    assert store.ids() == ["x", "z", "new"]
    store.close()


def test_a_choice_that_is_no_label_adds_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite", Setup(("bad", "good")))
    choice = {"type": "choices", "value": {"choices": ["ugly"]}}
    tasks = [{"id": 1, "data": {"text": "x"}, "annotations": [{"completed_by": 1, "result": [choice]}]}]
    (tmp_path / "t.json").write_text(json.dumps(tasks))
    with pytest.raises(DataError, match="ugly"):
        fill_from_tasks(store, tmp_path / "t.json")
    assert store.ids() == []
    store.close()
