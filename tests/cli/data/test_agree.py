from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from seatrial.cli.app import app
from seatrial.data.annotate.votes import row_shares

WORDS = {"yes": "apple pear plum cherry fig", "no": "hammer saw drill pliers wrench"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Forty texts rated by three people in a wide table, a list and a long table; the third never says no to half."""
    wide, listed, long = ["id,text,ann,bob,eve"], [], ["item;rater;label"]
    for i in range(40):
        label = "yes" if i % 2 else "no"
        words = WORDS[label].split()
        text = f"{words[i % 5]} {words[(i + 1) % 5]} {words[(i + 2) % 5]}"
        said = {"ann": label, "bob": "" if i == 4 else label, "eve": "yes" if i % 4 == 2 else label}
        wide.append(f"t{i},{text},{said['ann']},{said['bob']},{said['eve']}")
        listed.append(json.dumps({"id": f"t{i}", "text": text, "r": [*said.values()]}))
        long += [f"t{i};{rater};{answer}" for rater, answer in said.items()]
    (tmp_path / "wide.csv").write_text("\n".join(wide) + "\n")
    (tmp_path / "list.jsonl").write_text("\n".join(listed) + "\n")
    (tmp_path / "long.csv").write_text("\n".join(long) + "\n")
    return tmp_path


def agree(folder: Path, file: str, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["data", "agree", str(folder / file), *arguments])


def found(folder: Path, file: str, *arguments: str) -> dict[str, Any]:
    done = agree(folder, file, *arguments, "--json", "--resamples", "50")
    assert done.exit_code == 0, done.output
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_the_three_shapes_give_the_same_figures(folder: Path) -> None:
    wide = found(folder, "wide.csv", "--raters", "ann,bob,eve", "--item", "id")
    assert (wide["items"], wide["raters"], wide["ratings"]) == (40, 3, 119)
    assert wide["overall"]["percent"]["value"] == pytest.approx((30 + 10 / 3) / 40)
    assert [row["rater"] for row in wide["per_rater"]] == ["ann", "bob", "eve"]
    assert wide["overall"] == found(folder, "long.csv", "--long", "item,rater,label")["overall"]
    assert wide["overall"] == found(folder, "list.jsonl", "--ratings", "r")["overall"]


def test_tables_for_people(folder: Path) -> None:
    done = agree(folder, "wide.csv", "--raters", "ann,bob,eve", "--consensus", "dawid-skene", "--resamples", "50")
    assert done.exit_code == 0, done.output
    for words in ("40 items, 3 raters, 119 ratings", "Krippendorff's alpha (nominal)", "Cohen's kappa", "dawid-skene"):
        assert words in done.stdout


def test_the_consensus_is_written_with_soft_labels_that_a_project_reads(folder: Path) -> None:
    out = folder / "out.jsonl"
    done = agree(folder, "wide.csv", "--raters", "ann,bob,eve", "--out", str(out), "--resamples", "0")
    assert "40 rows with consensus and distribution written" in done.stdout
    rows = lines(out)
    assert rows[2] | {"text": ""} == {
        "id": "t2", "text": "", "ann": "no", "bob": "no", "eve": "yes",
        "consensus": "no", "distribution": {"no": 0.666667, "yes": 0.333333}, "votes": 3,
    }  # fmt: skip
    assert rows[4]["votes"] == 2
    assert row_shares(rows[2]["distribution"], ("yes", "no")) == pytest.approx((1 / 3, 2 / 3), abs=1e-5)


def test_a_long_table_gives_one_row_per_item(folder: Path) -> None:
    out = folder / "out.csv"
    agree(folder, "long.csv", "--long", "item,rater,label", "--out", str(out), "--resamples", "0")
    first, second, *_ = out.read_text().splitlines()
    assert first == "item,consensus,distribution,votes"
    assert second.startswith("t0,no,")


def test_probable_errors_are_listed_for_review(folder: Path) -> None:
    wrong = (folder / "wide.csv").read_text().splitlines()
    wrong[12] = wrong[12].replace(",yes", ",no")  # t11
    (folder / "wide.csv").write_text("\n".join(wrong) + "\n")
    listed = found(folder, "wide.csv", "--label", "ann", "--item", "id", "--errors", str(folder / "e.jsonl"))
    assert (listed["examined"], listed["issues"]) == (40, 1)
    (issue,) = lines(folder / "e.jsonl")
    assert (issue["id"], issue["given"], issue["suggested"]) == ("t11", "no", "yes")


def test_rules_label_texts_and_are_held_against_labels(folder: Path) -> None:
    rules = "labels: [no, yes]\nrules:\n" + "".join(
        f"  - {{name: {word}, label: '{label}', keywords: [{word}]}}\n"
        for label, words in WORDS.items()
        for word in words.split()[:4]
    )
    (folder / "rules.yaml").write_text(rules.replace("[no, yes]", "['no', 'yes']"))
    out = folder / "soft.jsonl"
    result = found(
        folder, "wide.csv", "--rules", str(folder / "rules.yaml"), "--label", "ann", "--out", str(out), "--workers", "1"
    )
    assert (result["texts"], result["covered"], result["accuracy"]) == (40, 40, 1.0)
    assert [row["rule"] for row in result["rules"]][:2] == ["apple", "pear"]
    assert all(row["accuracy"] == 1 and row["model_accuracy"] > 0.7 for row in result["rules"])
    rows = lines(out)
    assert rows[0]["consensus"] == "no"
    assert rows[0]["distribution"]["no"] > 0.8


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "it is not said where the ratings are"),
        (["--label", "ann"], "it is not said where the ratings are"),
        (["--raters", "ann,bob", "--ratings", "r"], "give --raters or --ratings, not both"),
        (["--raters", "ann,bobb"], "did you mean 'bob'?"),
        (["--raters", "ann,,bob"], "part names by single commas"),
        (["--raters", "ann,ann"], "'ann' is named twice"),
        (["--long", "id,ann"], "three: item,rater,label"),
        (["--raters", "ann", "--label", "bob"], "leave one of them out"),
        (["--raters", "ann,bob", "--labels", "yes"], "the rating 'no' of '1' by 'ann' is not declared"),
        (["--raters", "ann,bob", "--vote", "sign"], "gives three labels"),
        (["--raters", "ann,bob", "--scale", "interval"], "'no' is no number"),
        (["--raters", "ann,bob", "--consensus", "accuracy"], "add --rules"),
        (["--rules", "r.yaml"], "there is no such file"),
        (["--rules", "r.yaml", "--errors", "e.csv"], "looks at labels that people gave"),
        (["--label", "labl", "--errors", "e.csv"], "there is no column 'labl'"),
        (["--label", "ann", "--labels", "a,b", "--errors", "e.csv"], "the label 'no' is not among --labels"),
        (["--raters", "ann,bob", "--out", "wide.csv"], "would be overwritten"),
        (["--raters", "ann,bob", "--out", "o.xlsx"], "does not tell a format"),
    ],
)
def test_what_cannot_be_meant_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
) -> None:
    monkeypatch.chdir(folder)
    done = agree(folder, "wide.csv", *arguments)
    assert done.exit_code == 1
    assert told in " ".join(done.stderr.split())
    assert not (folder / "e.csv").exists()


def test_columns_that_would_be_added_must_be_free(folder: Path) -> None:
    file = folder / "wide.csv"
    file.write_text(file.read_text().replace("id,", "votes,", 1))
    done = agree(folder, "wide.csv", "--raters", "ann,bob", "--out", str(folder / "o.csv"), "--resamples", "0")
    assert done.exit_code == 1
    assert "already has a column 'votes'" in done.stderr
    assert not (folder / "o.csv").exists()


def test_rows_without_ratings_and_bad_ratings_do_not_stop_it(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"text": "none"}, *({"text": "x", "r": [1, 1, -1]} for _ in range(5)), {"r": ["?"]}]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    arguments = ["--ratings", "r", "--vote", "sign", "--labels", "no,so,yes"]
    assert found(tmp_path, "in.jsonl", *arguments)["ratings"] == 15
    done = agree(tmp_path, "in.jsonl", *arguments)
    assert "the ratings of 1 rows cannot be read" in done.stderr
    stopped = agree(tmp_path, "in.jsonl", *arguments, "--max-bad-rows", "0")
    assert stopped.exit_code == 1
    assert "a rating is not a number; more than 0 rows" in stopped.stderr


def test_formulas_are_kept_and_counted_or_escaped(folder: Path) -> None:
    wide = folder / "wide.csv"
    wide.write_text(wide.read_text().replace("t1,", "t1,=", 1))
    wide.chmod(0o600)
    raters = ["--raters", "ann,bob,eve"]
    told = found(folder, "wide.csv", *raters, "-o", str(folder / "out.csv"))
    assert (told["formulas"], told["escaped"], told["read_as"]) == (1, 0, [])
    assert "t1,=" in (folder / "out.csv").read_text()
    assert stat.S_IMODE((folder / "out.csv").stat().st_mode) == 0o600
    escape = [*raters, "-o", str(folder / "out.csv"), "--overwrite", "--formulas", "escape"]
    assert found(folder, "wide.csv", *escape)["escaped"] == 1
    assert "t1,'=" in (folder / "out.csv").read_text()
