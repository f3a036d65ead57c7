from __future__ import annotations

import pytest

from seatrial.data.annotate.rules.phrases import Phrases, tokens

PHRASES = Phrases({"good": 1, "Not Good": -1, ":)": 2, "好": 1, "不好": -1, "don't": 3, "naïve": 4})


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Good, GOOD and goodness", [1, 1]),
        ("that is not good at all", [-1]),
        ("not very good :):)", [1, 2, 2]),
        ("质量不好，服务好", [-1, 1]),
        ("I don’t", [3]),
        ("ＧＯＯＤ", [1]),
        ("nai\u0308ve NAÏVE", [4, 4]),
        ("", []),
    ],
)
def test_longest_phrase_first_and_whole_words_only(text: str, values: list[int]) -> None:
    assert list(PHRASES.found(text)) == values


def test_scripts_without_spaces_go_by_character() -> None:
    assert tokens("很good的书, 2nd") == ["很", "good", "的", "书", ",", "2nd"]


def test_many_phrases_with_the_same_start_stay_quick() -> None:
    """Work grows with the text, not with the number of phrases."""
    phrases = Phrases({f"word{i} tail": i for i in range(20_000)})
    assert list(phrases.found("word7 tail " * 2000)) == [7] * 2000
    assert len(phrases) == 20_000
