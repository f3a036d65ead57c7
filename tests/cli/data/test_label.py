from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from seatrial.cli.app import app
from seatrial.data.annotate.store import Store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "texts.csv").write_text("id,text\nx,calm sea\ny,storm\nz,fog\n")
    return tmp_path


def label(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["data", "label", *arguments, "--store", str(folder / "labels.sqlite")])


def begin(folder: Path, *arguments: str) -> Result:
    """A store without the page: `--out` ends at once."""
    out = str(folder / "first.jsonl")
    return label(folder, str(folder / "texts.csv"), "--item", "id", *arguments, "--out", out, "--overwrite")


def test_a_store_is_begun_and_its_answers_are_written(folder: Path) -> None:
    done = begin(folder, "--labels", "no,yes", "--raters", "ann,bob", "--per-item", "2")
    assert done.exit_code == 0, done.output
    store = Store(folder / "labels.sqlite")
    store.record("ann", "x", "answer", "yes", token="t1")
    store.record("bob", "x", "answer", "no", token="t2")
    store.close()
    done = label(folder, "--out", str(folder / "out.jsonl"), "--json")
    assert json.loads(done.stdout) == {"out": str(folder / "out.jsonl"), "items": 1, "answers": 2}
    row = json.loads((folder / "out.jsonl").read_text())
    assert row["ratings"] == {"ann": "yes", "bob": "no"}
    done = label(folder, "--out", str(folder / "out.jsonl"))
    assert done.exit_code == 1
    assert "there already" in done.stderr


def test_what_does_not_fit_the_store_is_refused(folder: Path) -> None:
    assert "a new store needs labels" in begin(folder).stderr
    assert "there twice" in begin(folder, "--labels", "a,b,a").stderr
    assert not (folder / "labels.sqlite").exists()
    assert begin(folder, "--labels", "no,yes").exit_code == 0
    assert "begun with labels" in begin(folder, "--labels", "no,yes,maybe").stderr
    assert "begun with per_item 1" in begin(folder, "--per-item", "3").stderr
    assert "no column 'body'" in begin(folder, "--text", "body").stderr
    assert begin(folder, "--labels", "no,yes").exit_code == 0


def test_label_studio_goes_out_and_comes_in(folder: Path) -> None:
    begin(folder, "--labels", "no,yes", "--raters", "ann")
    store = Store(folder / "labels.sqlite")
    store.record("ann", "y", "answer", "no", token="t1")
    store.close()
    tasks = folder / "tasks.json"
    assert label(folder, "--out", str(tasks)).exit_code == 0
    (folder / "labels.sqlite").rename(folder / "old.sqlite")
    done = label(folder, str(tasks), "--labels", "no,yes", "--out", str(folder / "back.jsonl"))
    assert "1 new items, 1 answers" in done.stderr
    assert json.loads((folder / "back.jsonl").read_text())["ratings"] == {"ann": "no"}
