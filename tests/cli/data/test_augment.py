"""`seatrial data augment`: rows with what was made of them, and the comparison of a project with and without."""

from __future__ import annotations

import csv
import json
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seatrial.cli.app import app
from seatrial.records import Interval, Measurement, Report


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "in.csv"
    rows = [
        f"{i},some words about thing number {chr(97 + i)}{chr(97 + i)}{chr(98 + i)},{'ab'[i % 4 == 0]}"
        for i in range(20)
    ]
    file.write_text("id,text,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return file


def read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_old_rows_are_kept_and_new_ones_marked(source: Path) -> None:
    out = source.with_name("out.csv")
    steps = ["--step", "typos", "--step", "{method: repeat, balance: 1.0}"]
    done = CliRunner().invoke(app, ["data", "augment", str(source), "-o", str(out), *steps])
    assert done.exit_code == 0, done.output
    rows = read(out)
    assert [{k: v for k, v in row.items() if not k.startswith("augmented")} for row in rows[:20]] == read(source)
    assert {row["augmented"] for row in rows[:20]} == {""}
    assert [row["augmented"] for row in rows[20:]] == ["typos"] * 4 + ["repeat"] * 10
    for row in rows[20:]:
        number = int(row["augmented_from"].rpartition(":")[2])
        assert (row["id"], row["label"]) == (rows[number - 1]["id"], rows[number - 1]["label"])
        assert (row["text"] == rows[number - 1]["text"]) == (row["augmented"] == "repeat")
    assert "20 rows, and 14 made from them" in done.stdout
    source.chmod(0o600)
    out = source.with_name("c.csv")
    source.write_text(source.read_text(encoding="utf-8").replace("some words", "=some words", 1), encoding="utf-8")
    done = CliRunner().invoke(app, ["data", "augment", str(source), "-o", str(out), *steps[:2], "--json"])
    told = json.loads(done.stdout)
    formulas = [row for row in read(out) if row["text"].startswith("=")]
    assert (told["formulas"], told["escaped"], told["read_as"]) == (len(formulas), 0, [])
    assert formulas
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    out = source.with_name("out.csv")
    again = CliRunner().invoke(app, ["data", "augment", str(out), "-o", str(source.with_name("b.csv")), *steps])
    assert again.exit_code == 1
    assert "there is a column 'augmented' already" in again.stderr


def test_the_same_rows_in_another_folder_give_the_same_new_ones(source: Path) -> None:
    elsewhere = source.with_name("elsewhere") / "other.csv"
    elsewhere.parent.mkdir()
    elsewhere.write_bytes(source.read_bytes())
    made = []
    for file in (source, elsewhere):
        out = file.with_name("out.csv")
        done = CliRunner().invoke(app, ["data", "augment", str(file), "-o", str(out), "--step", "typos"])
        assert done.exit_code == 0, done.output
        made.append([row["text"] for row in read(out)])
    assert made[0] == made[1]


def test_nothing_like_held_out_rows_is_made(source: Path) -> None:
    first, held, out = (source.with_name(name) for name in ("first.jsonl", "held.csv", "out.jsonl"))
    arguments = ["data", "augment", str(source), "--step", "{method: typos, share: 1.0}", "--json"]
    made = json.loads(CliRunner().invoke(app, [*arguments, "-o", str(first)]).stdout)
    assert (made["rows"], made["made"]) == (20, 20)
    new = [json.loads(line)["text"] for line in first.read_text(encoding="utf-8").splitlines()[20:]]
    held.write_text("text\n" + "\n".join(new) + "\n", encoding="utf-8")
    made = json.loads(CliRunner().invoke(app, [*arguments, "-o", str(out), "--held-out", str(held)]).stdout)
    assert made["made"] < 20
    assert not {json.loads(line)["text"] for line in out.read_text(encoding="utf-8").splitlines()} & set(new)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--step", "typoes"], "did you mean 'typos'?"),
        (["--step", "{share: 1}"], "--step.method: is required"),
        (["--step", "{method: typos"], "is no way to augment"),
        (["--step", "[typos]"], "is no way to augment"),
        (["--step", "{method: typos, share: 20}"], "less than or equal to 10"),
        (["--step", "{method: typos, shar: 0.2}"], "did you mean 'share'?"),
        (["--compare", "--step", "typos"], "in.csv is a data file"),
        (["--step", "{method: typos, options: {rat: 0.1}}"], "did you mean 'rate'?"),
        (["--step", "synonyms"], "give the encoder with --encoder"),
        ([], "--step: is needed"),
        (["--step", "typos", "--out", "in.csv"], "would be overwritten"),
        (["--step", "typos", "--text", "txt"], "did you mean 'text'?"),
        (["--step", "typos", "--held-out", "none.csv"], "none.csv"),
    ],
)
def test_what_cannot_be_meant_is_told_and_nothing_is_written(
    source: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
) -> None:
    monkeypatch.chdir(source.parent)
    given = arguments if "--out" in arguments else [*arguments, "--out", "out.csv"]
    done = CliRunner().invoke(app, ["data", "augment", "in.csv", *given])
    assert done.exit_code == 1, done.output
    assert told in done.stderr
    assert [path.name for path in source.parent.iterdir()] == ["in.csv"]


def test_a_project_is_compared_with_and_without(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from seatrial.pipeline import augment_trial

    asked = {}

    def trial(spec: object, root: Path, ways: dict[str, list[object]], **settings: object) -> Report:
        asked.update(settings, ways={name: len(steps) for name, steps in ways.items()})
        gain = Measurement(
            "accuracy", 0.02, 100, "validation", interval=Interval(0.01, 0.03), over="without", system="x"
        )
        return Report(
            "augment",
            (Measurement("accuracy", 0.8, 100, "validation", system="without"), gain),
            {"seeds": [{"way": "without", "seed": 17, "value": 0.8}], "made": []},
            facts={"train": 20, "validation": 100, "seeds": [17, 18]},
        )

    monkeypatch.setattr(augment_trial, "augmentation_trial", trial)
    (source.parent / "seatrial.yaml").write_text(
        "name: toy\ndata:\n  sources: [{name: s, path: in.csv}]\n  columns: {label: label}\n"
        "requirements: [{metric: accuracy, at_least: 0.5}]\n"
    )
    call = ["data", "augment", str(source.parent), "--compare", "--seeds", "2"]
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 1
    assert "there is no augmentation to compare" in done.stderr
    done = CliRunner().invoke(app, [*call, "--step", "typos", "--step", "repeat", "--each", "--examples", "15"])
    assert done.exit_code == 0, done.output
    assert asked["ways"] == {"with augmentation": 2, "1. typos": 1, "2. repeat": 1}
    assert (asked["seeds"], asked["train_examples"]) == ([17, 18], 15)
    assert "over without: +0.0200  [+0.0100, +0.0300]: helps" in done.stdout
    done = CliRunner().invoke(app, [*call, "--step", "typos", "--json"])
    assert json.loads(done.stdout)["measurements"][1]["over"] == "without"


def test_bad_rows_are_left_out_up_to_a_number(tmp_path: Path) -> None:
    file, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    rows = [json.dumps({"text": f"words about thing{i} and more of it", "label": "a"}) for i in range(20)]
    file.write_text("\n".join([*rows, "{broken", '{"text": "no label"}']) + "\n", encoding="utf-8")
    arguments = ["data", "augment", str(file), "-o", str(out), "--step", "typos", "--json"]
    stopped = CliRunner().invoke(app, [*arguments, "--max-bad-rows", "1"])
    assert stopped.exit_code == 1
    assert "more than 1 rows cannot be read" in stopped.stdout
    made = json.loads(CliRunner().invoke(app, arguments).stdout)
    assert (made["rows"], made["bad_rows"], made["made"]) == (20, 2, 4)
