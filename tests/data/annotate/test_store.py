from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from seatrial.data.annotate.store import Item, Setup, Store
from seatrial.errors import ArtifactError, DataError, SpecError

SETUP = Setup(("yes", "no"), per_item=2)
ITEMS = [Item(str(i), f"text {i}", {"text": f"text {i}", "n": i}) for i in range(1, 4)]

DIES = """
import os, signal, sys
from pathlib import Path
from seatrial.data.annotate.store import Store
store = Store(Path(sys.argv[1]))
for i in "123":
    store.record("ann", i, "answer", "yes", token="t" + i)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "labels.sqlite", SETUP)
    store.add_items(ITEMS)
    store.add_raters(["ann", "bob"])
    store.add_raters(["eve"], decide=True)
    return store


def test_answers_are_there_when_it_is_opened_again(store: Store) -> None:
    store.record("ann", "1", "answer", "yes", token="a", took_s=1.5)
    store.record("bob", "1", "answer", "no", token="b")
    store.record("bob", "2", "skip", token="c")
    store.close()
    again = Store(store.path)
    assert again.setup == SETUP
    assert again.standing.answers("1") == {"ann": "yes", "bob": "no"}
    assert again.standing.said["1"]["ann"].took_s == 1.5
    assert again.standing.answers("2") == {}
    assert again.raters() == {"ann": False, "bob": False, "eve": True}
    assert list(again.items()) == ITEMS


def test_a_process_that_is_killed_loses_no_answer(store: Store) -> None:
    done = subprocess.run([sys.executable, "-c", DIES, str(store.path)], check=False)
    assert done.returncode == -9
    store.refresh()
    assert [vote[0] for vote in store.standing.votes()] == ["1", "2", "3"]


def test_undo_brings_back_what_stood_before(store: Store) -> None:
    for token, label in (("a", "yes"), ("b", "no")):
        store.record("ann", "1", "answer", label, token=token)
    store.record("ann", "", "undo", token="c")
    assert store.standing.answers("1") == {"ann": "yes"}
    assert store.record("ann", "", "undo", token="d").item == "1"
    assert store.standing.answers("1") == {}
    with pytest.raises(DataError, match="nothing to take back"):
        store.record("ann", "", "undo", token="e")
    store.record("eve", "1", "decide", "no", token="f")
    assert store.standing.decided["1"].label == "no"
    store.record("eve", "", "undo", token="g")
    assert store.standing.decided == {}


def test_history_only_grows(store: Store) -> None:
    store.record("ann", "1", "answer", "yes", token="a")
    store.record("ann", "", "undo", token="b")
    with sqlite3.connect(store.path) as db:
        assert db.execute("SELECT kind, label FROM events").fetchall() == [("answer", "yes"), ("undo", "")]
        for statement in ("DELETE FROM events", "UPDATE events SET label = 'no'"):
            with pytest.raises(sqlite3.IntegrityError, match="history"):
                db.execute(statement)
    db.close()


def test_the_same_act_sent_twice_counts_once(store: Store) -> None:
    first = store.record("ann", "1", "answer", "yes", token="a")
    assert store.record("ann", "1", "answer", "yes", token="a") == first
    assert store.standing.number == 1


def test_two_processes_may_write(store: Store) -> None:
    other = Store(store.path)
    other.record("bob", "1", "answer", "no", token="a")
    store.record("ann", "1", "answer", "yes", token="b")
    assert store.standing.answers("1") == {"ann": "yes", "bob": "no"}
    other.close()


def test_what_cannot_be_recorded_changes_nothing(store: Store) -> None:
    for rater, item, label in (("ann", "9", "yes"), ("nobody", "1", "yes"), ("ann", "1", "maybe")):
        with pytest.raises(DataError):
            store.record(rater, item, "answer", label, token="a")
    assert store.standing.number == 0
    assert store.record("ann", "1", "answer", "yes", token="a").number == 1


def test_items_may_be_added_and_may_not_change(store: Store) -> None:
    assert store.add_items([*ITEMS, Item("4", "half \ud800")]) == 1
    assert store.item("4").text == "half ?"
    with pytest.raises(DataError, match="another text"):
        store.add_items([Item("5", "new"), Item("1", "changed")])
    assert store.ids() == ["1", "2", "3", "4"]


def test_search_leaves_case_aside(store: Store) -> None:
    store.add_items([Item("z", "ÄRGER 100%")])
    assert [item.id for item in store.search("ärger 100%")] == ["z"]
    assert [item.id for item in store.search("TEXT", limit=2)] == ["1", "2"]


def test_a_key_names_its_rater_and_is_not_kept(store: Store) -> None:
    store.set_key("ann", "secret-key")
    assert (store.rater_of("secret-key"), store.rater_of("other")) == ("ann", None)
    assert store.without_key() == ["bob", "eve"]
    assert b"secret-key" not in store.path.read_bytes()


def test_another_setup_and_other_files_are_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="begun with labels"):
        Store(store.path, Setup(("yes", "no", "maybe"), per_item=2))
    store.set_guidelines("Be kind.")
    other = Store(store.path, SETUP)
    assert other.setup.guidelines == "Be kind."
    other.close()
    with pytest.raises(ArtifactError, match="no store"):
        Store(tmp_path / "missing.sqlite")
    (tmp_path / "text").write_text("no database at all, and long enough to be looked at")
    with pytest.raises(ArtifactError, match="not a database"):
        Store(tmp_path / "text")
    with sqlite3.connect(tmp_path / "other.sqlite") as db:
        db.execute("CREATE TABLE t (a)")
    db.close()
    with pytest.raises(ArtifactError, match="no store of labels"):
        Store(tmp_path / "other.sqlite", SETUP)
