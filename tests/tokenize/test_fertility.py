"""The figures of a report are those that counting by hand gives."""

from __future__ import annotations

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from seatrial.errors import DataError
from seatrial.spec.tokenizer import TokenizerSpec
from seatrial.tokenize.fertility import measure_tokenizers
from seatrial.tokenize.train import train_tokenizer

from .corpus import CHINESE, ENGLISH


def words() -> Tokenizer:
    vocabulary = {"[UNK]": 0, "good": 1, "film": 2, "never": 3}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens(["[UNK]"])
    return tokenizer


def count_words(text: str) -> int:
    return len(text.split())


def test_figures_by_hand() -> None:
    items = [("en", "good film"), ("de", "guter film"), ("en", "good")]
    report = measure_tokenizers({"words": words()}, items, count_words=count_words)
    assert report.facts == {"texts": 3, "vocabulary": {"words": 4}}
    assert report.tables["texts"][0] == {"slice": "all", "texts": 3, "words": 5, "characters": 23, "bytes": 23}
    rows = {row["slice"]: row for row in report.tables["tokenizers"]}
    assert list(rows) == ["all", "de", "en"]
    assert rows["all"] == {
        "tokenizer": "words",
        "slice": "all",
        "tokens": 5,
        "tokens_per_word": 1.0,
        "tokens_per_character": 5 / 23,
        "bytes_per_token": 23 / 5,
        "unknown": 1 / 5,
        "unread": 5 / 23,
        "as_bytes": 0.0,
        "single": 4 / 5,
        "used": 2 / 3,
    }
    assert rows["de"]["unknown"] == 0.5
    assert rows["en"]["used"] == 2 / 3
    longest = [(row["token"], row["characters"], row["count"]) for row in report.tables["longest"]]
    assert longest == [("good", 4, 2), ("film", 4, 2)]


def test_tokenizers_are_compared_on_the_same_texts() -> None:
    english = train_tokenizer(ENGLISH, TokenizerSpec(vocabulary=600))
    chinese = train_tokenizer(CHINESE * 5, TokenizerSpec(method="unigram"))
    items = [*(("en", text) for text in ENGLISH[:3]), *(("zh", text) for text in CHINESE)]
    report = measure_tokenizers({"english": english, "chinese": chinese}, items, count_words=count_words)
    rows = {(row["tokenizer"], row["slice"]): row for row in report.tables["tokenizers"]}
    assert rows["english", "en"]["tokens"] < rows["chinese", "en"]["tokens"]
    assert rows["english", "zh"]["tokens"] > rows["chinese", "zh"]["tokens"]
    assert rows["english", "zh"]["bytes_per_token"] < 2
    assert rows["chinese", "en"]["as_bytes"] > 0.5
    assert rows["chinese", "en"]["single"] < 0.1
    assert rows["english", "en"]["as_bytes"] == 0
    assert 0 < rows["english", "en"]["single"] < 1
    assert rows["english", "all"]["used"] >= max(rows["english", part]["used"] for part in ("en", "zh"))


def test_one_slice_is_shown_once_and_many_are_counted_together() -> None:
    report = measure_tokenizers({"w": words()}, [("x", "good")], count_words=count_words)
    assert [row["slice"] for row in report.tables["tokenizers"]] == ["all"]
    many = measure_tokenizers({"w": words()}, ((str(n), "good") for n in range(300)), count_words=count_words)
    slices = [row["slice"] for row in many.tables["tokenizers"]]
    assert "(others)" in slices
    assert len(slices) <= 202
    assert sum(row["tokens"] for row in many.tables["tokenizers"]) == 600


@pytest.mark.parametrize("items", [[], [("x", "")]])
def test_no_text_is_an_error(items: list[tuple[str, str]]) -> None:
    with pytest.raises(DataError, match="no text"):
        measure_tokenizers({"w": words()}, items, count_words=count_words)
