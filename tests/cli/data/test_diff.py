"""`seatrial data diff` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seatrial.cli.app import app


@pytest.fixture
def versions(tmp_path: Path) -> tuple[str, str]:
    (tmp_path / "a.csv").write_text("text,label\nsame,x\nrelabelled,x\ngone,y\n")
    (tmp_path / "b.csv").write_text("text,label\nsame,x\nrelabelled,y\nnew words,y\n")
    return str(tmp_path / "a.csv"), str(tmp_path / "b.csv")


def test_it_says_what_changed(versions: tuple[str, str]) -> None:
    done = CliRunner().invoke(app, ["data", "diff", *versions])
    assert done.exit_code == 0, done.output
    assert "by text: 1 added, 1 removed, 1 changed, 1 the same" in done.stdout
    assert "label x → y: 1" in done.stdout
    assert f"+ {versions[1]} row 3: new words" in done.stdout


def test_one_object_and_a_file_with_every_change(versions: tuple[str, str], tmp_path: Path) -> None:
    out = tmp_path / "changes.jsonl"
    arguments = ["data", "diff", *versions, "--json", "--examples", "0", "-o", str(out)]
    done = CliRunner().invoke(app, arguments)
    found = json.loads(done.stdout)
    assert (found["added"], found["removed"], found["changed"]["label"], found["examples"]) == (1, 1, 1, [])
    assert [json.loads(line)["change"] for line in out.read_text().splitlines()] == ["removed", "added", "changed"]
    again = CliRunner().invoke(app, arguments)
    assert again.exit_code == 1
    assert "is there already" in json.loads(again.stdout)["message"]


def test_a_version_that_is_not_there(versions: tuple[str, str]) -> None:
    done = CliRunner().invoke(app, ["data", "diff", versions[0], versions[1] + "x"])
    assert done.exit_code == 1
    assert "error:" in done.stderr
