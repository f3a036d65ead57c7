from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner, Result

from seatrial.cli.app import app
from seatrial.serve.answering import Answering


class Lengths(Answering):
    """An engine that answers with the length of a text."""

    def __init__(self, release: Any, threads: int | None) -> None:
        self.release = release

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        return [[0] * len(text) for text in texts]

    def outputs(self, token_ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        return np.array([[len(ids)] for ids in token_ids], dtype=np.float32)

    def describe(self, output: NDArray[np.float32], text: str) -> dict[str, Any]:
        return {"label": str(int(output[0])), "score": 1.0}


class Vectors(Lengths):
    """An engine whose answers are no labels."""

    def describe(self, output: NDArray[np.float32], text: str) -> dict[str, Any]:
        return {"embedding": [float(output[0]), 0.5]}


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


def test_a_line_that_is_not_utf_8_is_named_and_left_out(release: Path) -> None:
    result = predict(release, given=b"gut\n" + "größer\n".encode("latin-1") + b"ab\n")
    assert result.exit_code == 0
    assert result.stdout == "3\t1.000\tgut\n2\t1.000\tab\n"
    assert "left out: stdin:2: is not UTF-8" in result.stderr


def test_an_argument_that_is_not_utf_8_is_named(release: Path) -> None:
    result = predict(release, "--json", "gut", b"gr\xf6sser".decode(errors="surrogateescape"))
    assert result.exit_code == 1
    assert json.loads(result.stdout)["where"] == "text 2"


@pytest.mark.parametrize(
    ("line", "message"),
    [(b"", "is empty"), (b" \t", "is empty"), (b"a" * 20_001, "has 20001 characters"), (b"a" * 90_000, "is too long")],
    ids=["empty", "blank", "long", "very long"],
)
def test_what_the_service_refuses_is_left_out_and_keeps_its_place(release: Path, line: bytes, message: str) -> None:
    result = predict(release, "--json", given=b"good\n" + line + b"\nbad\n")
    assert result.exit_code == 0
    good, refused, bad = json.loads(result.stdout)["predictions"]
    assert (good["label"], bad["label"]) == ("4", "3")
    assert (refused["text"], refused["where"], message in refused["error"]) == (None, "stdin:2", True)
    assert "left out: stdin:2" in result.stderr


def test_many_texts_left_out_are_counted_and_none_answered_is_a_failure(release: Path) -> None:
    result = predict(release, given=b"\n" * 30)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.splitlines()[9:] == ["left out: stdin:10: is empty", "left out: 30 of 30 texts"]


def test_an_empty_argument_is_refused(release: Path) -> None:
    result = predict(release, "good", "")
    assert result.exit_code == 1
    assert "text 2: is empty" in result.stderr


def test_one_text_is_one_line_of_three_fields(release: Path) -> None:
    text = "a\nb\tc\u2028\x1b[31m"
    assert predict(release, text).stdout == f"{len(text)}\t1.000\ta\\nb\\tc\\u2028\\x1b[31m\n"
    json_text = json.loads(predict(release, "--json", "a\nb").stdout)["predictions"][0]["text"]
    assert json_text == "a\nb"


def test_vectors_are_json_lines(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seatrial.serve.engine.Engine", Vectors)
    lines = predict(release, given="größer\nab\n".encode()).stdout.splitlines()
    assert [json.loads(line) for line in lines] == [
        {"text": "größer", "embedding": [6.0, 0.5]},
        {"text": "ab", "embedding": [2.0, 0.5]},
    ]
    whole = json.loads(predict(release, "--json", "ab").stdout)
    assert whole["predictions"] == [{"text": "ab", "embedding": [2.0, 0.5]}]


@pytest.mark.parametrize(
    ("name", "content"),
    [("d.csv", 'id,said\n1,abc\n2,"a,\nb"\n'), ("d.jsonl", '{"id": 1, "said": "abc"}\n{"said": "a,\\nb"}\n')],
)
def test_texts_come_from_a_column_of_a_file(release: Path, tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    result = predict(release, "--data", tmp_path / name, "--column", "said")
    assert result.stdout == "3\t1.000\tabc\n4\t1.000\ta,\\nb\n"


def test_a_column_that_is_not_there_is_named(release: Path, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("text\nabc\n")
    result = predict(release, "--data", tmp_path / "d.csv", "--column", "txt")
    assert result.exit_code == 1
    assert "did you mean 'text'?" in result.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [('text,n\nabc,1\n" ",2\nd,3\n', "d.csv, row 2: is empty"), ("text,n\nabc,1\nab,2,3\nd,3\n", "d.csv:3")],
)
def test_a_row_that_cannot_be_answered_is_named_and_left_out(
    release: Path, tmp_path: Path, content: str, message: str
) -> None:
    (tmp_path / "d.csv").write_text(content)
    result = predict(release, "--data", tmp_path / "d.csv")
    assert result.exit_code == 0
    assert result.stdout == "3\t1.000\tabc\n1\t1.000\td\n"
    assert message in result.stderr


@pytest.mark.parametrize(("encoding", "guess"), [("cp1252", "cp1252"), ("utf-16", "utf-16")])
def test_encoding_and_delimiter_of_a_file_are_found_and_told(
    release: Path, tmp_path: Path, encoding: str, guess: str
) -> None:
    (tmp_path / "d.csv").write_bytes("id;text\n1;größer, viel\n2;ab\n".encode(encoding))
    result = predict(release, "--data", tmp_path / "d.csv")
    assert result.stdout == "12\t1.000\tgrößer, viel\n2\t1.000\tab\n"
    assert f"d.csv is read as {guess}" in result.stderr
    assert "größer," in result.stderr
    assert "the delimiter ';'" in result.stderr


def test_encoding_and_delimiter_can_be_given(release: Path, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_bytes("id;text\n1;\u0434\u0430\n".encode("cp1251"))
    result = predict(release, "--data", tmp_path / "d.csv", "--encoding", "cp1251", "--delimiter", ";")
    assert (result.stdout, result.stderr) == ("2\t1.000\t\u0434\u0430\n", "")


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [("--encoding", "utf-88", "unknown encoding"), ("--delimiter", ";;", "is no delimiter")],
)
def test_what_is_no_encoding_or_delimiter_is_named(
    release: Path, tmp_path: Path, option: str, value: str, message: str
) -> None:
    (tmp_path / "d.csv").write_text("text\nabc\n")
    result = predict(release, "--data", tmp_path / "d.csv", option, value)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"error: {option}: ")
    assert message in result.stderr
    assert "--data" in predict(release, option, value, "text").stderr


def test_texts_are_given_once(release: Path, tmp_path: Path) -> None:
    result = predict(release, "abc", "--data", tmp_path / "d.csv")
    assert result.exit_code == 1
    assert "given twice" in result.stderr


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
