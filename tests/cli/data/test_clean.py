from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seatrial.cli.app import app

CONTENT = 'id,text\n1,a &amp; b\n2,"  "\n3,=c\n4\n5,HELLO\n'


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "in.csv"
    file.write_text(CONTENT, encoding="utf-8")
    return file


def test_it_writes_what_is_kept_and_what_is_not(source: Path) -> None:
    out = source.with_name("out.csv")
    done = CliRunner().invoke(app, ["data", "clean", str(source), "-o", str(out), "--workers", "1"])
    assert done.exit_code == 0, done.output
    assert out.read_text(encoding="utf-8") == "id,text\n1,a & b\n3,'=c\n5,HELLO\n"
    assert "5 rows: 3 kept, 1 of them changed" in done.stdout
    assert "drop-empty: text is empty 1" in done.stdout
    assert "1 cell(s) that a spreadsheet would run" in done.stderr
    left_out = out.with_name("out.csv.dropped.jsonl").read_text(encoding="utf-8")
    dropped = [json.loads(line) for line in left_out.splitlines()]
    assert {row["row"] for row in dropped} == {2, 4}


def test_steps_are_named_or_taken_from_a_project(source: Path) -> None:
    out = source.with_name("out.jsonl")
    arguments = ["data", "clean", str(source), "-o", str(out), "--workers", "1", "--json", "--step", "lowercase"]
    done = CliRunner().invoke(app, arguments)
    assert json.loads(done.stdout)["changes"] == [{"step": "lowercase", "change": "changed", "count": 1}]
    project = source.with_name("seatrial.yaml")
    CliRunner().invoke(app, ["init", str(source.with_name("made")), "--task", "text-classification"])
    text = source.with_name("made").joinpath("seatrial.yaml").read_text(encoding="utf-8")
    project.write_text(text, encoding="utf-8")
    done = CliRunner().invoke(app, [*arguments[:-2], "--project", str(project), "--overwrite"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["kept"] == 3


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--step", "lowercse"], "did you mean 'lowercase'?"),
        (["--step", "{a: 1, b: 2}"], "a name, or 'name: {option: value}'"),
        (["--step", "lowercase", "--project", "."], "name steps or a project, not both"),
        (["--text", "txt"], "did you mean 'text'?"),
        (["--out", "in.csv"], "would be overwritten"),
        (["--out", "there.csv"], "is there already"),
        (["--out", "a.xlsx"], "write .jsonl"),
        (["--out", "."], "does not tell a format"),
        (["--max-bad-rows", "0"], "more than 0 rows cannot be read"),
    ],
)
def test_what_cannot_be_meant_is_told_and_nothing_is_written(
    source: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
) -> None:
    monkeypatch.chdir(source.parent)
    Path("there.csv").write_text("", encoding="utf-8")
    given = arguments if "--out" in arguments else [*arguments, "--out", "out.csv"]
    done = CliRunner().invoke(app, ["data", "clean", "in.csv", "--workers", "1", *given])
    assert done.exit_code == 1, done.output
    assert told in done.stderr
    assert sorted(path.name for path in source.parent.iterdir()) == ["in.csv", "there.csv"]
    assert source.read_text(encoding="utf-8") == CONTENT
