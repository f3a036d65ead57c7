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
    assert out.read_text(encoding="utf-8") == "id,text\n1,a & b\n3,=c\n5,HELLO\n"
    assert "5 rows: 3 kept, 1 of them changed" in done.stdout
    assert "drop-empty: text is empty 1" in done.stdout
    assert "1 cell(s) begin like a formula; before a spreadsheet opens the file: --formulas escape" in done.stderr
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


def test_cells_are_made_harmless_for_a_spreadsheet_where_that_is_asked(source: Path) -> None:
    out = source.with_name("out.csv")
    arguments = ["data", "clean", str(source), "-o", str(out), "--workers", "1", "--formulas", "escape"]
    done = CliRunner().invoke(app, arguments)
    assert "3,'=c" in out.read_text(encoding="utf-8")
    assert "1 cell(s) that a spreadsheet would run got a ' in front" in done.stderr
    done = CliRunner().invoke(app, [*arguments, "--overwrite", "--json"])
    assert (json.loads(done.stdout)["formulas"], json.loads(done.stdout)["escaped"]) == (1, 1)


@pytest.mark.parametrize("verb", ["clean", "dedupe", "redact"])
def test_how_files_were_read_is_part_of_the_json(tmp_path: Path, verb: str) -> None:
    file = tmp_path / "in.csv"
    file.write_bytes("id;text\n1;größer als gedacht\n2;schön\n".encode("cp1252"))
    arguments = ["data", verb, str(file), "-o", str(tmp_path / "out.csv"), "--workers", "1", "--json"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    found = {"file": str(file), "encoding": "cp1252", "delimiter": ";", "word": "größer"}
    assert json.loads(done.stdout)["read_as"] == [found]


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [("--encoding", "klingon", "unknown encoding 'klingon'"), ("--delimiter", "ab", "'ab' is no delimiter")],
)
def test_an_option_that_cannot_be_meant_is_no_fault_of_the_program(
    source: Path, option: str, value: str, told: str
) -> None:
    done = CliRunner().invoke(app, ["data", "clean", str(source), "-o", str(source.with_name("o.csv")), option, value])
    assert done.exit_code == 1
    assert done.stderr.startswith(f"error: {option}: {told}")
    assert not source.with_name("o.csv").exists()
