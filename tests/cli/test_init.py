from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from seatrial.cli.app import app
from seatrial.spec.load import load_spec


def test_init_writes_a_project_that_validates(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["init", str(tmp_path / "My Reviews"), "--task", "text-classification"])
    assert result.exit_code == 0, result.stderr
    spec = load_spec(tmp_path / "My Reviews" / "seatrial.yaml")
    assert spec.name == "my-reviews"
    assert spec.data.sources[0].path == "data.csv"


def test_init_looks_at_the_columns_of_a_file(tmp_path: Path) -> None:
    data = tmp_path / "daten.csv"
    rows = "".join(
        f'{i},"Das Gerät Nummer {i} gefällt mir, sehr gut verarbeitet",{i % 5 + 1} Sterne\n' for i in range(40)
    )
    data.write_text("Nr.,Bewertungstext,Note\n" + rows, encoding="utf-8")
    result = CliRunner().invoke(app, ["init", str(tmp_path / "reviews"), "--data", str(data), "--json"])
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["columns"] == {"text": "Bewertungstext", "label": "Note"}
    spec = load_spec(tmp_path / "reviews" / "seatrial.yaml")
    assert (spec.data.columns.text, spec.data.columns.label) == ("Bewertungstext", "Note")
    assert (tmp_path / "reviews" / str(spec.data.sources[0].path)).resolve() == data


def test_init_never_overwrites(tmp_path: Path) -> None:
    for expected in (0, 1):
        result = CliRunner().invoke(app, ["init", str(tmp_path / "reviews")])
        assert result.exit_code == expected
    assert "there is a project already" in result.stderr


@pytest.mark.parametrize(("task", "hint"), [("text-clasification", "did you mean"), ("poetry", "choose one of")])
def test_an_unknown_task_is_refused(tmp_path: Path, task: str, hint: str) -> None:
    result = CliRunner().invoke(app, ["init", str(tmp_path / "reviews"), "--task", task])
    assert result.exit_code == 1
    assert hint in result.stderr
    assert not (tmp_path / "reviews").exists()


SEMICOLONS = """avis;note_groupe;magasin
"Très bon produit, je recommande";positif;lyon
"Cassé au bout de deux jours";négatif;paris
Rien à dire, simple et solide;positif;paris
"Trop cher; et lent";négatif;lyon
"""


def init(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["init", *map(str, arguments)])


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_another_delimiter_is_found_and_written(tmp_path: Path, delimiter: str) -> None:
    data = tmp_path / "avis.csv"
    data.write_text(SEMICOLONS.replace(";", delimiter), encoding="utf-8")
    result = init(tmp_path / "av", "--data", data)
    assert result.exit_code == 0, result.stderr
    spec = load_spec(tmp_path / "av" / "seatrial.yaml")
    assert spec.data.sources[0].delimiter == delimiter
    assert (spec.data.columns.text, spec.data.columns.label) == ("avis", "note_groupe")
    assert repr(delimiter) in result.stdout


@pytest.mark.parametrize(("encoding", "written"), [("latin-1", "cp1252"), ("cp1252", "cp1252"), ("utf-16", "utf-16")])
def test_another_encoding_is_found_written_and_shown(tmp_path: Path, encoding: str, written: str) -> None:
    data = tmp_path / "avis.csv"
    data.write_bytes(SEMICOLONS.encode(encoding))
    result = init(tmp_path / "av", "--data", data)
    assert result.exit_code == 0, result.stderr
    source = load_spec(tmp_path / "av" / "seatrial.yaml").data.sources[0]
    assert (source.encoding, source.delimiter) == (written, ";")
    assert "reads right: Très" in result.stdout


def test_utf_8_with_commas_needs_no_settings(tmp_path: Path) -> None:
    data = tmp_path / "a.csv"
    data.write_text("text,label\n" + "größer;als gedacht,gut\nzu klein,schlecht\n" * 3, encoding="utf-8")
    assert init(tmp_path / "p", "--data", data).exit_code == 0
    assert "delimiter" not in (tmp_path / "p" / "seatrial.yaml").read_text(encoding="utf-8")
    assert load_spec(tmp_path / "p" / "seatrial.yaml").data.sources[0].encoding == "utf-8"


def test_the_named_label_wins_and_the_others_are_offered_as_slices(tmp_path: Path) -> None:
    data = tmp_path / "de.csv"
    rows = [f"Das ist der lange Text Nummer {i},Filiale {i % 3},Note {i % 5}" for i in range(60)]
    data.write_text("\n".join(["Text,Filiale,Note", *rows]), encoding="utf-8")
    result = init(tmp_path / "de", "--data", data)
    text = (tmp_path / "de" / "seatrial.yaml").read_text(encoding="utf-8")
    assert "label: Note" in text
    assert "here perhaps [Filiale]" in text
    assert "'Filiale'" in result.stdout
    assert load_spec(tmp_path / "de" / "seatrial.yaml").data.slices == []


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("nofile.csv", "there is no such file", "choose one of: real.csv"),
        ("rael.csv", "there is no such file", "did you mean 'real.csv'?"),
        (".", "is a folder", "choose one of: real.csv"),
        ("sheet.xlsx", "does not tell its format", "save it as CSV"),
        ("empty.csv", "has no rows", ""),
        ("header.csv", "has no row", ""),
    ],
)
def test_data_that_is_none_names_the_option_and_a_remedy(tmp_path: Path, name: str, message: str, hint: str) -> None:
    (tmp_path / "data").mkdir()
    for file, text in {"real.csv": "a,b\n1,2\n", "sheet.xlsx": "PK", "notes.md": "x"}.items():
        (tmp_path / "data" / file).write_text(text)
    if name in ("empty.csv", "header.csv"):
        (tmp_path / "data" / name).write_text("" if name == "empty.csv" else "text,label\n")
    result = init(tmp_path / "p", "--data", tmp_path / "data" / name)
    assert result.exit_code == 1
    assert message in result.stderr
    assert hint in result.stderr
    assert "next:" in result.stderr
    assert "--data.path" not in result.stderr
    assert not (tmp_path / "p").exists()


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("Größe 7", "grosse-7"),
        ("Café №1", "cafe-no1"),
        ("日本", "project"),
        ("My Project", "my-project"),
        ("x" * 80, "x" * 64),
    ],
)
def test_a_folder_gives_a_name_that_is_allowed(tmp_path: Path, folder: str, name: str) -> None:
    assert init(tmp_path / folder).exit_code == 0
    assert load_spec(tmp_path / folder / "seatrial.yaml").name == name


def test_commands_that_are_shown_can_be_pasted(tmp_path: Path) -> None:
    shown = init(tmp_path / "My Project").stdout
    assert f"seatrial plan '{tmp_path}/My Project'" in shown


def test_plan_right_after_init_does_not_offer_the_project_file_as_data(tmp_path: Path) -> None:
    init(tmp_path / "reviews")
    result = CliRunner().invoke(app, ["plan", str(tmp_path / "reviews")])
    assert result.exit_code == 1
    assert "there is no file data.csv" in result.stderr
    assert "choose one of" not in result.stderr
    assert "next:" in result.stderr


@pytest.mark.parametrize(("head", "label"), [("words,kind", "kind"), ("words,n", None)])
def test_the_label_of_an_embedding_project_is_there_only_if_the_data_have_one(
    tmp_path: Path, head: str, label: str | None
) -> None:
    data = tmp_path / "d.csv"
    rows = "".join(f"a rather long text with the number {i},{'ab'[i % 2] if label else i}\n" for i in range(40))
    data.write_text(f"{head}\n{rows}", encoding="utf-8")
    arguments = ["init", str(tmp_path / "vectors"), "--task", "embedding", "--data", str(data)]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    spec = load_spec(tmp_path / "vectors" / "seatrial.yaml")
    assert (spec.task, spec.data.columns.text, spec.data.columns.label) == ("embedding", "words", label)
    asked = {requirement.metric for requirement in spec.requirements}
    assert asked == {"cosine_to_source", "p95_ms", "size_mb"} | ({"neighbour_accuracy"} if label else set())
    assert CliRunner().invoke(app, ["plan", str(tmp_path / "vectors")]).exit_code == 0
