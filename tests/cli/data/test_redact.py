from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seatrial.cli.app import app

from ...pipeline.toy_entities import entity_release

ROWS = 'id,text\n1,write to a@example.org\n2,"call 138 1234 5678, Ryan Gallagher"\n3,nothing\n'


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "in.csv"
    file.write_text(ROWS, encoding="utf-8")
    return file


def run(*arguments: object) -> object:
    return CliRunner().invoke(app, ["data", *map(str, arguments), "--workers", "1"])


def test_texts_are_masked_and_counted(source: Path) -> None:
    out = source.with_name("out.jsonl")
    done = run("redact", source, "-o", out, "--json")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert {row["change"]: row["count"] for row in report["changes"]} == {"email": 1, "phone": 1, "name": 1}
    texts = [json.loads(line)["text"] for line in out.read_text(encoding="utf-8").splitlines()]
    assert texts == ["write to [EMAIL]", "call [PHONE], [NAME]", "nothing"]


@pytest.mark.parametrize("replace", ["hash", "pseudonym"])
def test_with_a_vault_they_come_back(source: Path, tmp_path: Path, replace: str) -> None:
    out, back, vault = (source.with_name(name) for name in ("out.csv", "back.csv", "vault"))
    key = tmp_path / "keys" / "key"
    keys = ["--vault", vault, "--vault-key", key]
    done = run("redact", source, "-o", out, "--replace", replace, *keys)
    assert done.exit_code == 0, done.output
    assert "a new key was written" in done.stderr
    assert "example.org" not in out.read_text(encoding="utf-8")
    done = run("unredact", out, "-o", back, *keys)
    assert done.exit_code == 0, done.output
    assert back.read_text(encoding="utf-8") == ROWS


def test_no_output_takes_the_place_of_another_of_a_vault_or_of_its_key(source: Path, tmp_path: Path) -> None:
    key, vault, out = tmp_path / "keys" / "key", tmp_path / "vault.csv", source.with_name("out.csv")
    keys = ["--vault", vault, "--vault-key", key, "--replace", "hash"]
    assert run("redact", source, "-o", out, *keys).exit_code == 0
    kept = key.read_bytes(), vault.read_bytes()
    for more in (["-o", vault], ["-o", out, "--dropped", vault], ["-o", out, "--dropped", key]):
        done = run("redact", source, *more, *keys, "--overwrite")
        assert done.exit_code == 1, done.output
    done = run("redact", source, "-o", tmp_path / "a.csv", *keys[2:], "--vault", tmp_path / "a.csv")
    assert "is named for two outputs" in done.stderr
    done = run("redact", source, "-o", tmp_path / "a.jsonl", "--dropped", tmp_path / "a.jsonl")
    assert "is named for two outputs" in done.stderr
    assert kept == (key.read_bytes(), vault.read_bytes())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--entity", "emial"], "did you mean 'email'"),
        (["--replace", "hash"], "needs key_env"),
        (["--replace", "hash", "--key-env", "NOT_SET_ANYWHERE"], "NOT_SET_ANYWHERE is not set"),
        (
            ["--replace", "hash", "--key-env", "NOT_SET", "--vault", "safe/v", "--vault-key", "keys/k"],
            "NOT_SET is not set",
        ),
        (["--names-from", "nowhere"], "there is no release"),
        (["--names-label", "PER"], "but no model"),
        (["--replace", "hash", "--vault", "v", "--vault-key", "k"], "beside the data"),
        (["--language", "fr"], "languages"),
        (["--region", "china"], "two capital letters"),
    ],
)
def test_what_cannot_be_meant_is_told_and_nothing_is_written(
    source: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
) -> None:
    monkeypatch.chdir(source.parent)
    done = run("redact", "in.csv", "-o", "out.csv", *arguments)
    assert done.exit_code == 1, done.output
    assert told in done.stderr
    assert [path.name for path in source.parent.iterdir()] == ["in.csv"]


def test_the_example_of_the_page_makes_its_folders_and_works(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(source.parent)
    page = Path(__file__).parents[3] / "docs" / "data" / "redact.md"
    lines = [
        line.split()[2:] for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("seatrial data")
    ]
    assert [line[0] for line in lines] == ["redact", "unredact"]
    for line in lines:
        done = run(*line)
        assert done.exit_code == 0, done.output
    assert Path("back.csv").read_text(encoding="utf-8") == ROWS
    assert Path("safe/vault").is_file()


@pytest.mark.parametrize("wrong", [["--entity", "emial"], ["--text", "txet"], ["--encoding", "klingon"]])
def test_a_key_is_made_when_all_else_is_right(source: Path, monkeypatch: pytest.MonkeyPatch, wrong: list[str]) -> None:
    monkeypatch.chdir(source.parent)
    keys = ["--replace", "hash", "--vault", "safe/vault", "--vault-key", "keys/key"]
    done = run("redact", "in.csv", "-o", "out.csv", *keys, *wrong)
    assert done.exit_code == 1, done.output
    assert [path.name for path in source.parent.iterdir()] == ["in.csv"]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return entity_release(tmp_path_factory.mktemp("names") / "release")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_names_that_a_release_finds_join_the_others(tmp_path: Path, names: Path, workers: str) -> None:
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    rows = ["zorro blick of atlantis", "Ryan Gallagher zorro and a@example.org", '"zorro\nblick"', "nothing"]
    file.write_text("text\n" + "\n".join(rows) + "\n", encoding="utf-8")
    arguments = ["data", "redact", str(file), "-o", str(out), "--names-from", str(names.parent), "--workers", workers]
    done = CliRunner().invoke(app, [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    assert out.read_text(encoding="utf-8").splitlines() == [
        "text", "[NAME] of atlantis", "[NAME] [NAME] and [EMAIL]", "[NAME]", "nothing"
    ]  # fmt: skip
    assert {row["change"]: row["count"] for row in json.loads(done.stdout)["changes"]} == {"name": 4, "email": 1}


def test_labels_of_the_release_are_chosen_and_named(tmp_path: Path, names: Path) -> None:
    file, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    file.write_text('{"text": "zorro of atlantis"}\n', encoding="utf-8")
    model = ["--names-from", names, "--entity", "email"]
    for labels, text in (
        ([], "[NAME] of atlantis"),
        (["LOC"], "zorro of [LOCATION]"),
        (["PER", "LOC=place-name"], "[NAME] of [PLACE-NAME]"),
    ):
        given = [part for label in labels for part in ("--names-label", label)]
        done = run("redact", file, "-o", out, *model, *given, "--overwrite")
        assert done.exit_code == 0, done.output
        assert json.loads(out.read_text(encoding="utf-8"))["text"] == text
    done = run("redact", file, "-o", out, *model, "--names-label", "PERS", "--overwrite")
    assert "has no label 'PERS'" in done.stderr
    assert "did you mean 'PER'?" in done.stderr
    done = run("redact", file, "-o", out, *model, "--names-label", "PER=No Entity", "--overwrite")
    assert "is no entity" in done.stderr
