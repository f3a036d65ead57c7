from __future__ import annotations

import json
import statistics
from pathlib import Path

import pytest

from seatrial.errors import DataError
from seatrial.load.texts import LENGTHS, made_up_texts, texts_of


@pytest.mark.parametrize("lengths", LENGTHS)
def test_made_up_texts_differ_and_depend_on_the_seed(lengths: str) -> None:
    texts = made_up_texts(lengths, 300, seed=1)  # type: ignore[arg-type]
    assert len(texts) == 300
    assert len(set(texts)) > 290
    assert texts == made_up_texts(lengths, 300, seed=1)  # type: ignore[arg-type]
    assert texts != made_up_texts(lengths, 300, seed=2)  # type: ignore[arg-type]


def test_the_mixes_have_the_lengths_they_say() -> None:
    words = {lengths: [len(text.split()) for text in made_up_texts(lengths, 4000, seed=5)] for lengths in LENGTHS}
    assert (min(words["short"]), max(words["short"])) == (3, 12)
    assert (min(words["long"]), max(words["long"])) == (150, 250)
    assert 18 <= statistics.median(words["mixed"]) <= 22
    assert 0.03 <= sum(n > 85 for n in words["mixed"]) / 4000 <= 0.07
    assert max(words["mixed"]) <= 250


def test_each_kind_of_file_is_read(tmp_path: Path) -> None:
    contents = {
        "a.txt": "first\r\n\nsecond, with a comma\n",
        "a.csv": 'id,text\n1,first\n2,"second, with a comma"\n3,\n',
        "a.tsv": "text\tid\nfirst\t1\nsecond, with a comma\t2\n",
        "a.jsonl": '{"text": "first"}\n\n{"inputs": {"text": "second, with a comma"}}\n',
        "a.json": json.dumps(["first", {"text": "second, with a comma"}]),
        "one.csv": '\ufeffanything\nfirst\n"second, with a comma"\n',
    }
    for name, content in contents.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
        assert texts_of(tmp_path / name).texts == ["first", "second, with a comma"], name


def test_delimiter_and_encoding_are_found_and_the_column_is_told(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes("id;text\n1;größer, schöner\n2;b;c\n3;d\n".encode("cp1252") + b"4;e\n" * 20)
    found = texts_of(file)
    assert found.texts[:2] == ["größer, schöner", "d"]
    assert found.left_out == 1
    assert found.told == "column 'text' of a.csv, delimiter ';', encoding cp1252"
    (tmp_path / "b.jsonl").write_text('{"text": "a"}\n')
    assert texts_of(tmp_path / "b.jsonl").told == "b.jsonl"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b"id,label\n1,2\n"),
        ("a.txt", b"\n\n"),
        ("a.txt", b"\xff\xfe"),
        ("a.jsonl", b'{"text": 5}\n'),
        ("a.jsonl", b"{"),
        ("a.json", b'{"text": "a"}'),
        ("a.json", b"[" * 100_000),
    ],
)
def test_a_file_without_texts_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError) as caught:
        texts_of(tmp_path / name)
    assert name in (caught.value.where or "")


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        texts_of(tmp_path / "none.txt")
