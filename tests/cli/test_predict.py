from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from seatrial.cli.app import app


class Lengths:
    """An engine that answers with the length of a text."""

    def __init__(self, release: Any, threads: int | None) -> None:
        self.release = release

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        return [[0] * len(text) for text in texts]

    def answer(self, token_ids: Sequence[Sequence[int]]) -> list[dict[str, Any]]:
        return [{"label": str(len(ids)), "score": 1.0} for ids in token_ids]


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("seatrial.serve.engine.Engine", Lengths)
    known = SimpleNamespace(name="toy", version="1")
    monkeypatch.setattr("seatrial.export.release.load_release", lambda folder: known)
    (tmp_path / "manifest.json").touch()
    return tmp_path


def predict(*arguments: object, given: bytes = b"") -> Result:
    return CliRunner().invoke(app, ["predict", *map(str, arguments)], input=given)


def test_lines_of_stdin_are_answered_in_order(release: Path) -> None:
    result = predict(release, "--json", given="größer\r\n\nab".encode())
    assert result.exit_code == 0
    predictions = json.loads(result.stdout)["predictions"]
    assert [(p["text"], p["label"]) for p in predictions] == [("größer", "6"), ("", "0"), ("ab", "2")]


def test_a_line_that_is_not_utf_8_is_named(release: Path) -> None:
    result = predict(release, given=b"gut\n" + "größer".encode("latin-1"))
    assert result.exit_code == 1
    assert "stdin:2: is not UTF-8" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_argument_that_is_not_utf_8_is_named(release: Path) -> None:
    result = predict(release, "--json", "gut", b"gr\xf6sser".decode(errors="surrogateescape"))
    assert result.exit_code == 1
    assert json.loads(result.stdout)["where"] == "text 2"
