from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seatrial.cli.app import app

CONTENT = "text,label\nHello there my friend,a\nhello there my friend,b\n,a\n<b>&[bold],a\nmail me: ann@example.org,b\n"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "in.csv"
    file.write_text(CONTENT, encoding="utf-8")
    return file


def test_a_file_is_reported_in_the_terminal(source: Path) -> None:
    done = CliRunner().invoke(app, ["data", "inspect", str(source), "--workers", "1"])
    assert done.exit_code == 0, done.output
    assert "5 rows: 4 texts, 1 empty" in done.stdout
    assert "copies, of 4 texts" in done.stdout
    assert "email" in done.stdout
    assert "<b>&[bold]" in done.stdout


def test_json_gives_everything(source: Path) -> None:
    done = CliRunner().invoke(app, ["data", "inspect", str(source), "--workers", "1", "--json", "--sample", "0"])
    told = json.loads(done.stdout)
    assert told["facts"]["rows"] == 5
    assert told["tables"]["copies"][0]["conflicting"] == 1
    assert told["tables"]["personal_data"] == []


def test_a_project_is_read_by_its_task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEATRIAL_OFFLINE", "1")
    CliRunner().invoke(app, ["init", str(tmp_path / "made"), "--task", "text-classification"])
    (tmp_path / "made" / "data.csv").write_text(CONTENT, encoding="utf-8")
    arguments = ["data", "inspect", str(tmp_path / "made"), "--workers", "1", "--json", "--label-sample", "0"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["facts"]["texts"], told["facts"]["empty"]) == (4, 1)
    assert {row["label"] for row in told["tables"]["labels"]} == {"a", "b"}


def test_a_page_shows_texts_as_data(source: Path) -> None:
    page = source.with_name("report.html")
    arguments = ["data", "inspect", str(source), "--workers", "1", "--html", str(page)]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    html = page.read_text(encoding="utf-8")
    assert "&lt;b&gt;&amp;[bold]" in html
    assert "<b>" not in html
    assert all(title in html for title in ("What is there", "Copies and leaks", "A closer look", "Sample rows"))
    again = CliRunner().invoke(app, arguments)
    assert again.exit_code == 1
    assert "--overwrite" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--label", "lable"], "there is no column 'lable'"),
        (["--html", "{source}"], "would be overwritten"),
        (["--text", "txt"], "did you mean 'text'?"),
    ],
)
def test_mistakes_are_named(source: Path, arguments: list[str], told: str) -> None:
    given = [one.replace("{source}", str(source)) for one in arguments]
    done = CliRunner().invoke(app, ["data", "inspect", str(source), *given])
    assert done.exit_code == 1
    assert told in done.stderr
    assert source.read_text(encoding="utf-8") == CONTENT
