"""`seatrial data split`: every row in one file, nothing in two, and nothing written when something is wrong."""

from __future__ import annotations

import csv
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from seatrial.cli.app import app

THINGS = ["tea", "rain", "bread", "trains", "paper", "music", "walls"]


def rows(count: int = 100) -> list[dict[str, Any]]:
    return [
        {
            "text": f"{THINGS[i % 7]} no{i} {'is fine' if i % 2 else 'broke again'} m{i * 7}",
            "label": "ab"[i % 2],
            "who": f"w{i // 4}",
            "day": f"2024-{1 + i // 28:02}-{1 + i % 28:02}",
        }
        for i in range(count)
    ]


def write(folder: Path, content: list[dict[str, Any]], name: str = "in.csv") -> Path:
    file = folder / name
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(content[0]))
        writer.writeheader()
        writer.writerows(content)
    return file


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["data", "split", *map(str, arguments)])


def read(folder: Path, ending: str = ".csv") -> dict[str, list[dict[str, str]]]:
    found = {}
    for file in sorted(folder.glob(f"*{ending}")):
        with file.open(encoding="utf-8", newline="") as stream:
            found[file.name.removesuffix(ending)] = list(csv.DictReader(stream))
    return found


@pytest.mark.parametrize(
    "way",
    [(), ("--by", "group", "--group", "who"), ("--by", "time", "--time", "day"), ("--by", "hash"), ("--folds", "5")],
    ids=["stratified", "group", "time", "hash", "folds"],
)
def test_every_row_is_in_one_file_as_it_was(tmp_path: Path, way: tuple[str, ...]) -> None:
    content = rows()
    done = call(write(tmp_path, content), "-o", tmp_path / "out", *way)
    assert done.exit_code == 0, done.output
    found = read(tmp_path / "out")
    assert set(found) == ({f"fold-{i}" for i in range(1, 6)} if "--folds" in way else {"train", "validation", "test"})
    assert sorted((row for part in found.values() for row in part), key=lambda row: row["text"]) == sorted(
        content, key=lambda row: row["text"]
    )
    order = {row["text"]: place for place, row in enumerate(content)}
    for name, part in found.items():
        places = [order[row["text"]] for row in part]
        assert places == sorted(places), "rows keep their order"
        assert f"{name}.csv: {len(part):,}" in done.stdout
    if "group" in way:
        owners = [{row["who"] for row in part} for part in found.values()]
        assert sum(map(len, owners)) == len(set.union(*owners)) == 25
    if "time" in way:
        assert max(row["day"] for row in found["train"]) < min(row["day"] for row in found["validation"])


def test_hash_is_stable_when_rows_are_added(tmp_path: Path) -> None:
    few, more = write(tmp_path, rows(60), "few.csv"), write(tmp_path, rows(120)[::-1], "more.csv")
    for file in (few, more):
        assert call(file, "-o", tmp_path / file.stem, "--by", "hash", "--near", "0").exit_code == 0
    before, after = read(tmp_path / "few"), read(tmp_path / "more")
    for name, part in before.items():
        assert {row["text"] for row in part} <= {row["text"] for row in after[name]}


def test_leaks_stop_it_with_their_rows_and_nothing_is_written(tmp_path: Path) -> None:
    content = rows()
    content += [{**content[0], "day": "2025-01-01"}, {**content[1], "day": "2025-01-02", "who": "w90"}]
    file = write(tmp_path, content)
    way = ("--by", "time", "--time", "day", "--group", "who")
    done = call(file, "-o", tmp_path / "out", *way)
    assert done.exit_code == 1
    assert "2 of kind exact copy" in done.stderr
    assert f"row 1 of {file} (train) and row 101 of {file} (test)" in done.stderr
    assert "--leaks drop" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv"]
    done = call(file, "-o", tmp_path / "out", *way, "--leaks", "drop")
    assert done.exit_code == 0, done.output
    left_out = [json.loads(line) for line in (tmp_path / "out" / "dropped.jsonl").read_text().splitlines()]
    reasons = {row["reason"] for row in left_out}
    assert "exact copy of a test example" in reasons
    assert "same group as a test example" in reasons
    assert sum(map(len, read(tmp_path / "out").values())) + len(left_out) == 102
    done = call(file, "-o", tmp_path / "out", *way, "--leaks", "allow", "--overwrite", "--json")
    report = json.loads(done.stdout)
    assert report["leaks"]["exact copy"] == 2
    assert sum(report["files"].values()) == report["rows"] == 102


def test_near_copies_stay_together_or_leak(tmp_path: Path) -> None:
    long = "the quick brown fox jumps over the lazy dog again and again until the evening comes to this old town"
    content = [*rows(), *({"text": f"{long} {i}", "label": "a", "who": f"n{i}", "day": "2020"} for i in range(30))]
    file = write(tmp_path, content)
    assert call(file, "-o", tmp_path / "kept").exit_code == 0
    homes = [name for name, part in read(tmp_path / "kept").items() if any(long in row["text"] for row in part)]
    assert len(homes) == 1
    assert "1 of kind near copy" in call(file, "-o", tmp_path / "out", "--by", "hash").stderr
    done = call(file, "-o", tmp_path / "out", "--by", "hash", "--near", "0")
    assert done.exit_code == 0
    assert "near copies were not looked for" in done.stderr


def test_exact_copies_stay_together_though_near_ones_are_not_looked_for(tmp_path: Path) -> None:
    file = write(tmp_path, [row for row in rows() for _ in range(1 + (row["label"] == "a"))])
    done = call(file, "-o", tmp_path / "out", "--near", "0")
    assert done.exit_code == 0, done.output
    parts = [{row["text"] for row in part} for part in read(tmp_path / "out").values()]
    assert sum(map(len, parts)) == len(set.union(*parts)) == 100


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--by", "hsh"], "did you mean 'hash'?"),
        (["--by", "group"], "needs the name of a column in group"),
        (["--by", "group", "--group", "woh"], "did you mean 'who'?"),
        (["--by", "time", "--time", "text"], "no row is left to divide"),
        (["--shares", "0.7,0.1"], "is not three shares"),
        (["--shares", "0.7,0.1,0.1"], "sum to 1"),
        (["--shares", "70,10,20"], "did you mean --shares 0.7,0.1,0.2?"),
        (["--shares", "nan,0.1,0.2"], "sum to 1"),
        (["--folds", "3", "--by", "time", "--time", "day"], "folds of a time series"),
        (["--stratify", "none"], "there is no column 'none'"),
        (["-o", "in.csv"], "is a file"),
        (["-o", "full"], "is there already"),
        (["-o", "full", "--overwrite"], "holds x, which is none of the files of this split"),
        (["-o", ".", "--overwrite"], "holds a file that is read"),
    ],
)
def test_what_cannot_be_meant_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, rows(20))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("")
    done = call("in.csv", *(arguments if "-o" in arguments else [*arguments, "-o", "out"]))
    assert done.exit_code == 1, done.output
    assert told in done.stderr
    assert not (tmp_path / "out").exists()
    assert (tmp_path / "full" / "x").exists()


def test_overwrite_replaces_its_own_files_only(tmp_path: Path) -> None:
    file, out = write(tmp_path, rows()), tmp_path / "out"
    assert call(file, "-o", out).exit_code == 0
    (tmp_path / "link").symlink_to(out)
    assert call(file, "-o", tmp_path / "link", "--overwrite", "--seed", "3").exit_code == 0
    assert (tmp_path / "link").is_symlink()
    for way in (["--folds", "2"], ["--folds", "2", "--by", "hash"]):
        done = call(file, "-o", out, "--overwrite", *way)
        assert done.exit_code == 1
        assert "test.csv, which is none of the files" in done.stderr
    (out / "train.csv").unlink()
    (out / "train.csv").mkdir()
    (out / "train.csv" / "mine").write_text("")
    assert call(file, "-o", out, "--overwrite").exit_code == 1
    assert (out / "train.csv" / "mine").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "link", "out"]


@pytest.mark.parametrize("near", ["0", "0.8"])
def test_texts_with_nothing_in_them_are_no_copies(tmp_path: Path, near: str) -> None:
    content = [{**row, "text": " " if i % 2 else row["text"]} for i, row in enumerate(rows())]
    done = call(write(tmp_path, content), "-o", tmp_path / "out", "--near", near)
    assert done.exit_code == 0, done.output
    assert {name: len(part) for name, part in read(tmp_path / "out").items()} == {
        "train": 70, "validation": 10, "test": 20,
    }  # fmt: skip


def test_rows_without_a_label_are_divided_too(tmp_path: Path) -> None:
    file = tmp_path / "in.jsonl"
    content = [{"text": row["text"], **({"label": row["label"]} if i % 3 == 0 else {})} for i, row in enumerate(rows())]
    file.write_text("".join(json.dumps(row) + "\n" for row in content), encoding="utf-8")
    done = call(file, "-o", tmp_path / "out", "--max-bad-rows", "0", "--json")
    assert done.exit_code == 0, done.output
    assert sum(json.loads(done.stdout)["files"].values()) == 100


def test_formulas_are_counted_and_files_are_no_more_readable_than_their_source(tmp_path: Path) -> None:
    content = [{**row, "note": "=1+1" if place < 3 else "x"} for place, row in enumerate(rows())]
    source = write(tmp_path, content)
    source.chmod(0o600)
    done = call(source, "-o", tmp_path / "out", "--json")
    told = json.loads(done.stdout)
    assert (told["formulas"], told["escaped"], told["read_as"]) == (3, 0, [])
    assert {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "out").iterdir()} == {0o600}
    done = call(source, "-o", tmp_path / "out", "--formulas", "escape", "--overwrite")
    assert "3 cell(s) that a spreadsheet would run got a '" in done.stderr


def test_a_format_that_the_ending_does_not_say_is_named(tmp_path: Path) -> None:
    source = write(tmp_path, rows(), "in.dat")
    done = call(source, "-o", tmp_path / "out")
    assert "--format" in done.stderr
    done = call(source, "-o", tmp_path / "out", "--format", "csv")
    assert done.exit_code == 0, done.output
    assert len(read(tmp_path / "out")["train"]) == 70
    assert "did you mean 'csv'" in call(source, "-o", tmp_path / "b", "--format", "cvs").stderr
