"""Each way to augment: what it changes, what it never touches, and that a seed decides everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.data.augment import AUGMENTERS
from seatrial.data.augment.base import Asked, Joined, Material
from seatrial.data.augment.typos import NEAR_KEYS
from seatrial.data.augment.words import word_spans
from seatrial.errors import DataError, SeatrialError

ENGLISH = "I really don't like this phone, the battery died @home http://x.yz/w after 2 days!"
CHINESE = "我不喜欢这本书，内容很无聊"


class Words:
    """An encoder that knows two words and writes "word" into every gap."""

    def neighbours(self, words: Sequence[str], count: int, at_least: float) -> Mapping[str, Sequence[str]]:
        return {word: ["handset", "mobile"][:count] for word in words if word == "phone"}

    def fill(
        self, texts: Sequence[str], gaps: Sequence[Sequence[tuple[int, int]]], count: int, head_steps: int
    ) -> list[list[list[tuple[str, float]]]]:
        return [
            [[(text[slice(*gap)].lower(), 0.5), ("word", 0.4), ("other", 0.1)][:count] for gap in its]
            for text, its in zip(texts, gaps, strict=True)
        ]


def made(method: str, text: str, seed: int = 1, root: Path = Path(), **options: Any) -> str | None:
    work = AUGMENTERS.get(method).model_validate(options).ready(Material({"a": [text, "another text"]}, root, Words()))
    new = work([Asked(text, "a", Random(seed))])[0]
    return new.text if isinstance(new, Joined) else new


@pytest.mark.parametrize("method", list(AUGMENTERS))
@pytest.mark.parametrize(
    "text", ["", " ", "ok", ":)", "http://x.yz", "@you #tag 12", "\ud83d", "ประโยคภาษาไทย", CHINESE, "a" * 9000]
)
def test_any_text_gives_a_text_or_nothing_and_a_seed_decides(method: str, text: str) -> None:
    first = made(method, text, 7)
    assert first is None or (isinstance(first, str) and first.strip() == first.strip())
    assert made(method, text, 7) == first


@pytest.mark.parametrize("method", ["typos", "swap-words", "delete-words", "masked-words", "synonyms"])
def test_negations_addresses_and_numbers_stay(method: str) -> None:
    for seed in range(40):
        new = made(method, ENGLISH, seed)
        assert new not in (None, ENGLISH)
        assert all(part in str(new) for part in ("@home", "http://x.yz/w", " 2"))
        assert method == "typos" or "don't" in str(new)


@given(st.text(alphabet="abcde no不好吃", max_size=40), st.integers(0, 99))
def test_swapping_keeps_every_character(text: str, seed: int) -> None:
    new = made("swap-words", text, seed)
    assert new is None or sorted(new) == sorted(text)


def test_deleting_leaves_out_at_least_one_word_and_its_space() -> None:
    assert made("delete-words", "one two three four") in {
        "two three four", "one three four", "one two four", "one two three",
    }  # fmt: skip
    assert made("delete-words", "one two") is None
    assert made("delete-words", "I do not want that", rate=0.5, keep=["i", "not"]) in {
        "I do not", "I not want", "I not that",
    }  # fmt: skip
    for seed in range(30):
        assert "不" in str(made("delete-words", CHINESE, seed))


def test_slips_are_small_and_of_the_keyboard() -> None:
    assert NEAR_KEYS["s"] == "adwezx"
    assert NEAR_KEYS["q"] == "wa"
    for seed in range(60):
        new = str(made("typos", "battery", seed))
        assert new[0] == "b"
        assert abs(len(new) - 7) <= 1
    assert sorted(str(made("typos", "喜欢", 3))) >= ["喜"]


def test_synonyms_of_the_encoder_and_of_a_list(tmp_path: Path) -> None:
    assert made("synonyms", "My Phone broke") in {"My Handset broke", "My Mobile broke"}
    assert made("synonyms", "My PHONE broke", neighbours=1) == "My HANDSET broke"
    assert made("synonyms", "nothing known") is None
    (tmp_path / "list.tsv").write_text("broke\tfailed\t\nempty\t\n好吃\t美味\n", encoding="utf-8")
    assert made("synonyms", "My phone broke", root=tmp_path, file="list.tsv") == "My phone failed"
    assert made("synonyms", "很好吃", root=tmp_path, file="list.tsv") in ("很美味", None)  # as jieba cuts it
    inserted = made("synonyms", "it broke", root=tmp_path, file="list.tsv", insert=True)
    assert inserted in {"failed it broke", "it failed broke"}
    (tmp_path / "list.tsv").write_text("alone\n", encoding="utf-8")
    with pytest.raises(DataError, match="no line with a word and another"):
        made("synonyms", "x", root=tmp_path, file="list.tsv")
    with pytest.raises(DataError, match="cannot be read"):
        made("synonyms", "x", root=tmp_path, file="none.tsv")


def test_a_gap_is_never_filled_with_the_word_that_was_there() -> None:
    for seed in range(20):
        new = str(made("masked-words", "The battery died", seed, rate=0.5))
        assert new != "The battery died"
        assert "Word" in new or "Other" in new or "word" in new or "other" in new


def test_without_an_encoder_there_is_a_clear_word() -> None:
    work = AUGMENTERS.get("masked-words")().ready(Material({}, Path()))
    with pytest.raises(SeatrialError, match="needs the project's encoder"):
        work([Asked("some text here", "a", Random(1))])


def test_scripts_change() -> None:
    assert made("change-script", "汉字") == "漢字"
    assert made("change-script", "漢字", to="simplified") == "汉字"
    assert made("change-script", "plain") is None


def test_texts_are_joined_within_their_label_and_length() -> None:
    assert made("join-texts", "good one") == "good one another text"
    assert made("join-texts", "很好吃") == "很好吃another text"
    assert made("join-texts", "good one", max_characters=12) is None


def test_words_are_found_where_they_are() -> None:
    assert [ENGLISH[slice(*span)] for span in word_spans(ENGLISH)] == [
        "I", "really", "like", "this", "phone", "the", "battery", "died", "after", "days",
    ]  # fmt: skip
    assert "不" not in [CHINESE[slice(*span)] for span in word_spans(CHINESE, ["不"])]
    assert "".join(CHINESE[slice(*span)] for span in word_spans(CHINESE)) == CHINESE.replace("，", "")
