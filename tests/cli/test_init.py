from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seatrial.cli.app import app
from seatrial.spec.load import load_spec


def test_init_writes_a_project_that_validates(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["init", str(tmp_path / "My Reviews"), "--task", "text-classification"])
    assert result.exit_code == 0, result.stderr
    spec = load_spec(tmp_path / "My Reviews" / "seatrial.yaml")
    assert spec.name == "my-reviews"
    assert spec.data.sources[0].path == "data.csv"


def test_init_looks_at_the_columns_of_a_file(tmp_path: Path) -> None:
    data = tmp_path / "daten.csv"
    rows = "".join(
        f'{i},"Das Gerät Nummer {i} gefällt mir, sehr gut verarbeitet",{i % 5 + 1} Sterne\n' for i in range(40)
    )
    data.write_text("Nr.,Bewertungstext,Note\n" + rows, encoding="utf-8")
    result = CliRunner().invoke(app, ["init", str(tmp_path / "reviews"), "--data", str(data), "--json"])
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["columns"] == {"text": "Bewertungstext", "label": "Note"}
    spec = load_spec(tmp_path / "reviews" / "seatrial.yaml")
    assert (spec.data.columns.text, spec.data.columns.label) == ("Bewertungstext", "Note")
    assert (tmp_path / "reviews" / str(spec.data.sources[0].path)).resolve() == data


def test_init_never_overwrites(tmp_path: Path) -> None:
    for expected in (0, 1):
        result = CliRunner().invoke(app, ["init", str(tmp_path / "reviews")])
        assert result.exit_code == expected
    assert "there is a project already" in result.stderr


@pytest.mark.parametrize(("task", "hint"), [("text-clasification", "did you mean"), ("poetry", "choose one of")])
def test_an_unknown_task_is_refused(tmp_path: Path, task: str, hint: str) -> None:
    result = CliRunner().invoke(app, ["init", str(tmp_path / "reviews"), "--task", task])
    assert result.exit_code == 1
    assert hint in result.stderr
    assert not (tmp_path / "reviews").exists()
