from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.errors import SpecError
from seatrial.spec.load import find_project, load_spec, project_schema

MINIMAL = """
name: reviews
labels: [1, 2, 3]
data:
  sources: [{name: a, path: a.csv}]
  columns: {text: t, label: l}
requirements:
  - {metric: accuracy, at_least: 0.5, where: {agreed: yes}}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "seatrial.yaml"
    path.write_text(MINIMAL, encoding="utf-8")
    return path


def test_minimal_file_gets_documented_defaults(file: Path) -> None:
    spec = load_spec(file)
    assert spec.labels == ["1", "2", "3"]
    assert spec.requirements[0].where == {"agreed": "yes"}, "yes is a word, not a boolean"
    assert spec.data.split.test == 0.2


@pytest.mark.parametrize(
    ("override", "where", "hint"),
    [
        ("training.epoch=2", "training.epoch", "did you mean 'epochs'?"),
        ("data.splt.train=0.5", "data.splt", "did you mean 'split'?"),
        ("data.sources.0.fromat=csv", "data.sources.0.fromat", "did you mean 'format'?"),
        ("requirements.0.metrc=x", "requirements.0.metrc", "did you mean 'metric'?"),
        ("data.sources.0.join={path: b, on: id, pth: c}", "data.sources.0.join.pth", "did you mean 'path'?"),
    ],
)
def test_unknown_key_is_named_with_its_path_and_the_nearest_one(
    file: Path, override: str, where: str, hint: str
) -> None:
    with pytest.raises(SpecError) as caught:
        load_spec(file, [override])
    assert caught.value.where is not None
    assert caught.value.where.endswith(f": {where}")
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("training.epochs=many", "cannot be used"),
        ("training.epochs=2.5", "cannot be used"),
        ("data.split.train=0.9", "must be 1"),
        ("requirements.0.at_most=1", "exactly one of at_least and at_most"),
        ("data.sources.0.hub=x/y", "exactly one of path, package"),
        ("data.sources.5.path=x", "not an item of a list of 1"),
        ("nonsense", "cannot read 'nonsense'"),
        ("name.first=x", "nothing below"),
        ("requirements=[]", "cannot be used"),
        ("requirements.0.at_least=-.inf", "cannot be used"),
        ("requirements.0.at_least=.nan", "cannot be used"),
        ("training.learning_rate=.inf", "cannot be used"),
        ("data.sources.²=x", "not an item"),
        ("requirements.0={metric: p95_ms, at_most: 50, split: test}", "p95_ms is measured on service, not on test"),
        ("requirements.0={metric: agreement, at_least: 1, split: test}", "agreement is measured on validation"),
        ("requirements.0={metric: accuracy, at_least: 1, split: service}", "not measured on service"),
        ("requirements.0={metric: p95_ms, at_most: 50, confidence: 0.9}", "cannot have 'confidence'"),
        ("requirements.0={metric: size_mb, at_most: 50, where: {a: b}}", "cannot have 'where'"),
        ("requirements.0={metric: agreement, at_least: 1, over: majority}", "cannot have 'over'"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(file: Path, override: str, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        load_spec(file, [override])


@pytest.mark.parametrize("label", ["no", "007", "12:30", "1_000", "2024-01-01"])
def test_a_word_that_other_readers_take_for_something_else_stays_a_word(file: Path, label: str) -> None:
    assert load_spec(file, [f"labels=[{label}, other]"]).labels == [label, "other"]


@pytest.mark.parametrize(("text", "value"), [("5e-5", 5e-5), ("1.5E+2", 150.0), (".5", 0.5), ("2.", 2.0)])
def test_numbers_as_people_write_them(file: Path, text: str, value: float) -> None:
    assert load_spec(file, [f"training.learning_rate={text}"]).training.learning_rate == value


def test_overrides_reach_lists_and_new_sections(file: Path) -> None:
    spec = load_spec(file, ["training.learning_rate=1e-4", "data.sources.0.path=b.csv", "serving.port=0"])
    assert spec.training.learning_rate == 1e-4
    assert spec.data.sources[0].path == "b.csv"
    assert spec.serving.port == 0


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("a: 1\nb: 2\na: 3\n", "duplicate key 'a'", ":3"),
        ("a: &x [1]\nb: *x\n", "aliases", ":2"),
        ("a: !!python/object/apply:os.system [ls]\n", "tag", ":1"),
        ("a: [1\n", "a list is not closed.*opened in line 1", ":2"),
        ("[" * 40 + "]" * 40, "nested deeper", ":1"),
    ],
)
def test_unsafe_or_broken_yaml_is_refused_with_its_line(tmp_path: Path, text: str, message: str, line: str) -> None:
    path = tmp_path / "seatrial.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SpecError, match=message) as caught:
        load_spec(path)
    assert str(caught.value.where).endswith(f"seatrial.yaml{line}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: {b: 1\n", "a mapping is not closed"),
        ("a: 'x\nb: 2", "a quote is opened and never closed; it is opened in line 1"),
        ("a:\n\tb: 1\n", "a tab where YAML wants spaces"),
        ("a: b: c\n", "a colon where no key can be"),
        ("a: @x\n", "means something in YAML"),
        ("a: *\n", "means something in YAML"),
        ("  a: 1\nb: 2\n", "does not fit the ones above"),
        ("a: 1\n- b\n", "does not fit the ones above"),
        ("a: 1\n---\nb: 2\n", "a second document"),
        ('a: "\\q"\n', "a backslash"),
        ("a: 1\na: 2\n", "duplicate key"),
    ],
)
def test_broken_yaml_is_told_in_plain_words_with_a_remedy(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "seatrial.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SpecError, match=message) as caught:
        load_spec(path)
    assert caught.value.hint
    assert "<" not in str(caught.value.message), "a token of the parser"


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("training=", "a section"),
        ("training=[1]", "a section"),
        ("name=My Project", "lower-case letters"),
        ("data.sources.0={name: a, package: toy, sha256: x, member: [a]}", "name==1.2.3"),
        ("labels=good", "a list"),
        ("requirements.0.where=agreed", "a mapping"),
        ("training.epochs=many", "a whole number"),
        ("training.epochs=0", "greater than or equal to 1"),
        ("training.adapt=half", "'full', 'head' or 'lora'"),
        ("requirements=[]", "at least one"),
        ("description=7", "put it in quotes"),
        ("training.soft_targets=1", "true or false"),
        ("data.sources.0.delimiter=ab", "one character"),
    ],
)
def test_no_message_speaks_of_the_library_and_each_has_a_remedy(file: Path, override: str, expected: str) -> None:
    with pytest.raises(SpecError) as caught:
        load_spec(file, [override])
    assert expected in str(caught.value.expected)
    assert caught.value.hint
    for word in ("nput should", "valid dictionary", "instance of", "pattern", "tring should", "Spec", "None"):
        assert word not in str(caught.value)


def test_a_misspelt_key_comes_before_the_key_that_it_leaves_missing(tmp_path: Path) -> None:
    path = tmp_path / "seatrial.yaml"
    path.write_text(MINIMAL.replace("requirements:", "requirement:"), encoding="utf-8")
    with pytest.raises(SpecError, match=r"unknown key 'requirement' \(and 1 more: requirements\)") as caught:
        load_spec(path)
    assert caught.value.hint == "did you mean 'requirements'?"


def test_a_huge_or_foreign_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "seatrial.yaml"
    path.write_bytes(b"#" * 1_000_001)
    with pytest.raises(SpecError, match="too large"):
        load_spec(path)
    path.write_bytes("name: café\n".encode("latin-1"))
    with pytest.raises(SpecError, match="not UTF-8") as caught:
        load_spec(path)
    assert str(caught.value.where).endswith(":1")
    path.write_text("- a\n", encoding="utf-8")
    with pytest.raises(SpecError, match="is not a project"):
        load_spec(path)


def test_find_project(file: Path, tmp_path: Path) -> None:
    assert find_project(tmp_path).file == file
    assert find_project(file).root == tmp_path
    with pytest.raises(SpecError, match="no such folder"):
        find_project(tmp_path / "elsewhere")


def test_every_key_of_the_schema_is_documented() -> None:
    schema = project_schema()
    sections = {"(top)": schema, **schema["$defs"]}
    bare = [f"{name}.{key}" for name, part in sections.items() for key, value in part["properties"].items()
            if not value.get("description")]  # fmt: skip
    assert bare == []


def test_project_files_of_one_folder_keep_apart(tmp_path: Path) -> None:
    for name in ("seatrial.yaml", "masked.yaml"):
        (tmp_path / name).write_text("name: x\n", encoding="utf-8")
    usual, named = find_project(tmp_path), find_project(tmp_path / "masked.yaml")
    assert (usual.store, usual.release, usual.spelled) == (tmp_path / ".seatrial", tmp_path / "release", tmp_path)
    assert named.root == tmp_path
    assert named.store == tmp_path / "masked" / ".seatrial"
    assert named.release == tmp_path / "masked" / "release"
    assert named.spelled == tmp_path / "masked.yaml"
