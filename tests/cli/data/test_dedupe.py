"""`seatrial data dedupe`: outputs, protection of a file, and what is refused before any work."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from seatrial.cli.app import app
from seatrial.cli.data import embedder

TRAIN = "id,text\n1,the cat sat on the mat\n2,The cat sat on the mat\n3,dogs bark\n"
TEST = "id,text\n1,dogs BARK\n2,=sum\n"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(tmp_path)
    Path("train.csv").write_text(TRAIN, encoding="utf-8")
    Path("test.csv").write_text(TEST, encoding="utf-8")
    return ["data", "dedupe", "train.csv", "test.csv", "--workers", "1"]


def test_all_rows_that_stay_go_into_one_file(files: list[str]) -> None:
    done = CliRunner().invoke(app, [*files, "-o", "all.csv", "--split", "id"])
    assert done.exit_code == 0, done.output
    assert Path("all.csv").read_text(encoding="utf-8") == "id,text\n1,the cat sat on the mat\n3,dogs bark\n2,=sum\n"
    assert "5 rows: 3 kept; clusters: 2 exact, each in all.csv.clusters.jsonl" in done.stdout
    assert "dedupe-exact: exact copy 2" in done.stdout
    assert "1 exact cluster(s) lie in 1 and 2" in done.stdout
    assert "1 cell(s) begin like a formula" in done.stderr
    for name in ("train.csv", "test.csv"):
        Path(name).chmod(0o600)
    done = CliRunner().invoke(app, [*files, "-o", "own.csv", "--split", "id"])
    assert {stat.S_IMODE(path.stat().st_mode) for path in Path().glob("own.csv*")} == {0o600}
    assert len(Path("all.csv.dropped.jsonl").read_text(encoding="utf-8").splitlines()) == 2


def test_each_file_keeps_its_name_and_a_protected_one_its_rows(files: list[str]) -> None:
    arguments = [*files, "--out-dir", "out", "--protect", "test.csv", "--json"]
    done = CliRunner().invoke(app, arguments)
    told = json.loads(done.stdout)
    assert told["kept"] == 3
    assert told["across"] == [{"kind": "exact", "between": ["test.csv", "train.csv"], "clusters": 1}]
    assert Path("out/train.csv").read_text(encoding="utf-8") == "id,text\n1,the cat sat on the mat\n"
    assert Path("out/test.csv").read_text(encoding="utf-8").count("\n") == 3
    assert {path.name for path in Path("out").iterdir()} == {
        "train.csv", "test.csv", "dropped.jsonl", "clusters.jsonl"
    }  # fmt: skip
    assert CliRunner().invoke(app, arguments).exit_code == 1  # they are there now


def test_semantic_copies_by_a_model(files: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = {"t": [1.0, 0.0], "d": [0.999, 0.01], "=": [0.0, 1.0]}
    found = lambda _: lambda texts: np.array([vectors[text[0].lower()] for text in texts], np.float32)  # noqa: E731
    monkeypatch.setattr(embedder, "embedder", found)
    arguments = [*files, "-o", "all.jsonl", "--semantic", "0.95", "--model", "any", "--json"]
    told = json.loads(CliRunner().invoke(app, arguments).stdout)
    assert told["clusters"] == {"exact": 2, "near": 0, "semantic": 1}
    assert told["kept"] == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "name one file with --out"),
        (["--out", "a.csv", "--out-dir", "b"], "name one file with --out"),
        (["--out", "a.xlsx"], "write .jsonl"),
        (["--out", "test.csv"], "would be overwritten"),
        (["--out-dir", "."], "would be overwritten"),
        (["--out", "a.csv", "--near", "0.2"], "0, or 0.3 to 1"),
        (["--out", "a.csv", "--semantic", "0.9"], "--model"),
        (["--out", "a.csv", "--model", "x"], "--semantic"),
        (["--out", "a.csv", "--keep", "majority"], "name the column with --label"),
        (["--out", "a.csv", "--keep", "majority", "--label", "lable"], "no column 'lable'"),
        (["--out", "a.csv", "--protect", "other.csv"], "some of: train.csv, test.csv"),
        (["--out", "a.csv", "--semantic", "0.9", "--model", "no/such/folder"], "is no folder"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_written(
    files: list[str], arguments: list[str], told: str
) -> None:
    done = CliRunner().invoke(app, [*files, *arguments])
    assert done.exit_code == 1
    assert told in done.stderr
    assert {path.name for path in Path().iterdir()} == {"train.csv", "test.csv"}


def test_two_files_of_the_same_name_need_one_output(files: list[str]) -> None:
    Path("b").mkdir()
    Path("b/train.csv").write_text(TRAIN, encoding="utf-8")
    done = CliRunner().invoke(app, ["data", "dedupe", "train.csv", "b/train.csv", "--out-dir", "out"])
    assert "two files are called train.csv" in done.stderr
