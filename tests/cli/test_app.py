from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from seatrial import __version__
from seatrial.cli.app import app

PROJECT = """
name: reviews
data:
  sources: [{name: a, path: a.csv}]
  columns: {text: t, label: l}
requirements:
  - {metric: accuracy, at_least: 0.5}
"""


def seatrial(*arguments: object, given: str | None = None) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=given)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "seatrial.yaml").write_text(PROJECT, encoding="utf-8")
    return tmp_path


def test_version() -> None:
    assert seatrial("--version").stdout.strip() == __version__


def test_schema_is_one_json_object() -> None:
    assert json.loads(seatrial("schema", "--json").stdout)["properties"]["requirements"]


def test_doctor_speaks_json() -> None:
    found = json.loads(seatrial("doctor", "--json").stdout)
    assert found["ok"] is True
    assert {check["name"] for check in found["checks"]} >= {"python", "machine", "serve", "train", "disk"}


def test_an_error_is_short_and_exits_1(project: Path) -> None:
    result = seatrial("run", project, "--set", "training.epoch=2")
    assert result.exit_code == 1
    assert "unknown key 'epoch'" in result.stderr
    assert "did you mean 'epochs'?" in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_an_error_with_json_is_one_object_on_stdout(project: Path) -> None:
    result = seatrial("run", project, "--json", "--set", "training.epochs=0")
    assert result.exit_code == 1
    error = json.loads(result.stdout)
    assert error["error"] == "SpecError"
    assert error["where"].endswith("training.epochs")


def test_usage_mistakes_exit_2(project: Path) -> None:
    assert seatrial("run").exit_code == 2
    assert seatrial("sail", project).exit_code == 2
    assert seatrial("run", project, "--fast").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "a", "--fast", "--json"], "No such option: --fast"),
        (["run", "--json"], "Missing argument 'PROJECT'"),
        (["--json", "sail"], "No such option: --json"),
        (["sail", "--json"], "No such command 'sail'"),
        (["data", "redact", "a.csv", "--json"], "Missing option '--out'"),
        (["data", "redact", "a.csv", "-o", "b.csv", "--replace", "no", "--json"], "Invalid value for '--replace'"),
    ],
)
def test_usage_mistakes_with_json_are_one_object_on_stdout(arguments: list[str], told: str) -> None:
    result = seatrial(*arguments)
    assert result.exit_code == 2
    error = json.loads(result.stdout)
    assert error["error"] == "UsageError"
    assert told in error["message"]
    assert error["hint"].endswith("--help`")
    assert result.stderr == ""


def test_json_after_two_hyphens_is_a_text_and_help_stays_help() -> None:
    result = seatrial("run", "--fast", "--", "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert seatrial("run", "--help", "--json").exit_code == 0


def test_a_missing_project_says_what_to_do(tmp_path: Path) -> None:
    result = seatrial("plan", tmp_path)
    assert result.exit_code == 1
    assert "seatrial init" in result.stderr


def test_serve_and_predict_without_a_release(project: Path) -> None:
    for command in ("serve", "predict"):
        result = seatrial(command, project)
        assert result.exit_code == 1
        assert "there is no release" in result.stderr
        assert "seatrial run" in result.stderr


def test_report_before_the_first_run(project: Path) -> None:
    result = seatrial("report", project)
    assert result.exit_code == 1
    assert "there is no report yet" in result.stderr
