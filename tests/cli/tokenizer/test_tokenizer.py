"""`seatrial tokenizer`: train, compare, extend; what goes wrong says what to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from seatrial.cli.app import app

ROWS = [
    *({"text": f"the cat number {n} sat on the mat and read the book", "lang": "en"} for n in range(30)),
    *({"text": f"天气很好，我们去公园散步，第{n}天", "lang": "zh"} for n in range(30)),
    {"text": None, "lang": "en"},
]


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["tokenizer", *map(str, words)])


def told(*words: str | Path) -> dict[str, Any]:
    done = run(*words, "--json")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture
def data(tmp_path: Path) -> Path:
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS), encoding="utf-8")
    return file


def test_train_and_report(data: Path, tmp_path: Path) -> None:
    made = told(
        "train", data, "--method", "unigram", "--vocabulary", "360", "-o", tmp_path / "a", "--set", "coverage=1"
    )
    assert made["vocabulary"] == 360
    assert made["spec"]["coverage"] == 1
    done = run("train", data, "-o", tmp_path / "b", "--chat")
    assert done.exit_code == 0, done.output
    assert "tokens by bpe" in done.stdout
    assert json.loads((tmp_path / "b" / "manifest.json").read_text())["kind"] == "tokenizer"
    assert "chat_template" in (tmp_path / "b" / "tokenizer_config.json").read_text()
    shown = run("report", tmp_path / "a", tmp_path / "b" / "tokenizer.json", data, "--slice", "lang")
    assert shown.exit_code == 0, shown.output
    assert "60 texts" in shown.stdout
    assert all(word in shown.stdout for word in ("/word", "tokens, zh", "longest tokens", "vocabularies"))
    found = told("report", tmp_path / "a", tmp_path / "b", data, "--slice", "lang")
    assert {(row["slice"], Path(row["tokenizer"]).name) for row in found["tables"]["tokenizers"]} == {
        (part, name) for part in ("all", "en", "zh") for name in "ab"
    }


def test_equal_texts_give_an_equal_digest(data: Path, tmp_path: Path) -> None:
    first, second = (told("train", data, "-o", tmp_path / name)["digest"] for name in "ab")
    assert first == second


@pytest.mark.parametrize(
    ("words", "where", "message"),
    [
        (["--vocabulary", "90000"], "tokenizer.vocabulary", "tokens at most"),
        (["--method", "bep"], "tokenizer.method", "unknown tokenizer method"),
        (["--set", "coverage=2"], "--set coverage", "cannot be used"),
        (["--set", "covrage=1"], "--set covrage", "unknown key"),
        (["--set", "special_tokens=[a, a]"], "--set special_tokens", "twice"),
        (["--text", "body"], "--text", "no column"),
    ],
)
def test_what_train_refuses(data: Path, tmp_path: Path, words: list[str], where: str, message: str) -> None:
    found = told("train", data, "-o", tmp_path / "out", *words)
    assert found["where"] == where
    assert message in found["message"]
    assert not (tmp_path / "out").exists()


def test_nothing_is_overwritten_unasked(data: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("keep")
    assert "--overwrite" in told("train", data, "-o", tmp_path / "out")["hint"]
    assert run("train", data, "-o", tmp_path / "out", "--overwrite").exit_code == 0
    assert "is a file" in told("train", data, "-o", data)["message"]


def test_what_report_refuses(data: Path, tmp_path: Path) -> None:
    assert "no tokenizer is named" in told("report", data)["message"]
    run("train", data, "-o", tmp_path / "a")
    assert "no data file is named" in told("report", tmp_path / "a")["message"]
    assert "no tokenizer.json" in told("report", tmp_path, data)["message"]
    assert "no column" in told("report", tmp_path / "a", data, "--slice", "language")["message"]


def test_a_model_gets_more_tokens(data: Path, tmp_path: Path) -> None:
    from ...export.conftest import save_tokenizer, save_toy

    model = save_toy(tmp_path / "model", "bert")
    save_tokenizer(model)
    made = told("extend", model, data, "-o", tmp_path / "out", "--tokens", "12")
    assert len(made["added"]) == 12
    assert {"token", "id", "spelled", "count"} == set(made["added"][0])
    before = told("report", model, data)["tables"]["tokenizers"][0]
    after = told("report", tmp_path / "out", data)["tables"]["tokenizers"][0]
    assert after["unread"] < before["unread"]
    assert json.loads((tmp_path / "out" / "config.json").read_text())["vocab_size"] == made["added"][-1]["id"] + 1
