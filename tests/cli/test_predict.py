from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
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
    result = predict(release, "--json", given="größer\r\nab".encode())
    assert result.exit_code == 0
    predictions = json.loads(result.stdout)["predictions"]
    assert [(p["text"], p["label"]) for p in predictions] == [("größer", "6"), ("ab", "2")]


def test_a_line_that_is_not_utf_8_is_named(release: Path) -> None:
    result = predict(release, given=b"gut\n" + "größer".encode("latin-1"))
    assert result.exit_code == 1
    assert "stdin:2: is not UTF-8" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_argument_that_is_not_utf_8_is_named(release: Path) -> None:
    result = predict(release, "--json", "gut", b"gr\xf6sser".decode(errors="surrogateescape"))
    assert result.exit_code == 1
    assert json.loads(result.stdout)["where"] == "text 2"


@pytest.mark.parametrize(
    ("line", "message"),
    [(b"", "is empty"), (b" \t", "is empty"), (b"a" * 20_001, "has 20001 characters"), (b"a" * 90_000, "is too long")],
    ids=["empty", "blank", "long", "very long"],
)
def test_what_the_service_refuses_is_refused_with_its_line(release: Path, line: bytes, message: str) -> None:
    result = predict(release, "--json", given=b"good\n" + line + b"\nbad\n")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert (told["where"], message in told["message"]) == ("stdin:2", True)


def test_an_empty_argument_is_refused(release: Path) -> None:
    result = predict(release, "good", "")
    assert result.exit_code == 1
    assert "text 2: is empty" in result.stderr


def test_one_text_is_one_line_of_three_fields(release: Path) -> None:
    text = "a\nb\tc\u2028\x1b[31m"
    assert predict(release, text).stdout == f"{len(text)}\t1.000\ta\\nb\\tc\\u2028\\x1b[31m\n"
    json_text = json.loads(predict(release, "--json", "a\nb").stdout)["predictions"][0]["text"]
    assert json_text == "a\nb"


def test_who_types_is_told_so_and_answered_at_each_line(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from seatrial.cli import predict as module

    read: list[str] = []
    monkeypatch.setattr(module, "say", lambda line: read.append(f"answer {line[0]}"))
    monkeypatch.setattr(module, "sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True, buffer=None)))

    def typed(stream: object) -> Iterator[str]:
        for text in ("a", "bb"):
            read.append(f"line {text}")
            yield text

    monkeypatch.setattr(module, "lines_of", typed)
    result = predict(release)
    assert "Ctrl-D ends" in result.stderr
    assert read == ["line a", "answer 1", "line bb", "answer 2"]
