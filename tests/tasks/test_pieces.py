"""What is tagged: words, single Han characters, signs; what has no width belongs to what is before it."""

from __future__ import annotations

import pytest

from seatrial.tasks.pieces import pieces


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("New York-based, 3.5%", ["New", "York", "-", "based", ",", "3", ".", "5", "%"]),
        ("江泽民 in 北京１２月", ["江", "泽", "民", "in", "北", "京", "１２", "月"]),
        ("カナと kana", ["カ", "ナ", "と", "kana"]),
        ("naïve cafe\u0301s", ["naïve", "cafe\u0301s"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("wo\u200brd \ufeff x", ["wo\u200brd", "x"]),
        ("北\u200b京", ["北\u200b", "京"]),
        ("👩\u200d💻👍🏽!", ["👩\u200d💻", "👍🏽", "!"]),
        ("a_b", ["a", "_", "b"]),
        ("", []),
        (" \t\u3000\u200b", []),
    ],
)
def test_pieces(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in pieces(text)] == expected
