"""Words with tags, in columns and on lines."""

from __future__ import annotations

import io
from typing import Any

from seatrial.data.sources.base import BadRecord, Record
from seatrial.data.sources.conll import read_conll, read_tagged_words
from seatrial.spec.data import Place


def read(text: str, reader: Any = read_conll, limit: int = 1000, **settings: Any) -> list[Record | BadRecord]:
    place = Place.model_validate({"path": "x.conll", **settings})
    return list(reader(io.BytesIO(text.encode()), "x.conll", place, limit))


def test_sentences_are_parted_by_empty_lines() -> None:
    found = read("-DOCSTART- -X- O\n\nAda NNP B-PER\nsleeps VBZ O\n\n\nRome NNP B-LOC")
    assert [record.line for record in found] == [3, 7]
    assert isinstance(found[0], Record)
    assert found[0].values == {"tokens": ["Ada", "sleeps"], "column_2": ["NNP", "VBZ"], "tags": ["B-PER", "O"]}
    assert isinstance(found[1], Record)
    assert found[1].values["tokens"] == ["Rome"]


def test_columns_have_the_names_of_the_header() -> None:
    (found,) = read("Ada\tB-PER\nin a\tO\n", header=["word", "ner"])
    assert isinstance(found, Record)
    assert found.values == {"word": ["Ada", "in a"], "ner": ["B-PER", "O"]}
    (bad,) = read("Ada\tB-PER\n", header=["word"])
    assert isinstance(bad, BadRecord)
    assert "names in header" in bad.reason


def test_conllu_without_what_is_no_word() -> None:
    rows = [
        "# text = im Zug",
        *(
            "\t".join([number, form, *"________"])
            for number, form in [("1-2", "im"), ("1", "in"), ("2", "dem"), ("2.1", "x"), ("3", "Zug")]
        ),
    ]
    (found,) = read("\n".join(rows) + "\n")
    assert isinstance(found, Record)
    assert found.values["form"] == ["in", "dem", "Zug"]
    assert "upos" in found.values


def test_broken_sentences_are_named_and_the_next_one_is_read() -> None:
    found = read("a O\nb\nc O\n\nd O\n")
    assert isinstance(found[0], BadRecord)
    assert (found[0].line, found[0].reason) == (2, "another number of columns than the line before")
    assert isinstance(found[1], Record)
    long = read("a O\n" * 500 + "\nb O\n", limit=100)
    assert isinstance(long[0], BadRecord)
    assert "put an empty line" in str(long[0].hint)
    assert isinstance(long[1], Record)


def test_a_sign_may_be_a_word() -> None:
    (found,) = read("a O\n# O\n")
    assert isinstance(found, Record)
    assert found.values["tokens"] == ["a", "#"]


def test_a_sign_with_a_part_of_speech_may_begin_a_sentence_and_a_comment_may_not() -> None:
    found = read("# NN\n5 CD\n\n# sent\na DT\n\nb QX\n\n# QX\nc DT\n\n# id = 3\n# newdoc\nd DT\n\n# NN\n")
    tokens = [record.values["tokens"] for record in found if isinstance(record, Record)]
    assert tokens == [["#", "5"], ["a"], ["b"], ["#", "c"], ["d"], ["#"]]
    assert [record.line for record in found] == [1, 5, 7, 9, 14, 16]
    (found,) = read("# a b NN\nc DT\n")  # a comment that happens to end in a tag has not the columns of the next line
    assert isinstance(found, Record)
    assert found.values["tokens"] == ["c"]


def test_tagged_words_with_names_of_several_words() -> None:
    (found, bad) = read("[中央/n 电视台/n]nt １/m //w\n\n中央\n", read_tagged_words)
    assert isinstance(found, Record)
    assert found.values == {
        "tokens": ["中央", "电视台", "１", "/"],
        "tags": ["n", "n", "m", "w"],
        "outer_tokens": ["中央电视台", "１", "/"],
        "outer_tags": ["nt", "m", "w"],
    }
    assert isinstance(bad, BadRecord)
    assert (bad.line, bad.reason) == (3, "a word without a tag")


def test_a_sign_may_begin_a_sentence() -> None:
    found = read("# a comment with O in it\n# O\nab B-PER\n\n# NN B-X\nc d O\n")
    assert [record.values["tokens"] for record in found if isinstance(record, Record)] == [["#", "ab"], ["#", "c"]]
