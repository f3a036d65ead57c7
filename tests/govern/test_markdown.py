from __future__ import annotations

import pytest

from seatrial.govern.markdown import code, escape, table


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a|b\nc", r"a\|b c"),
        ("<script>&amp;", "&lt;script&gt;&amp;amp;"),
        ("[x](javascript:y)", r"\[x\](javascript:y)"),
        ("snake_case and _em_ *b*", r"snake_case and \_em\_ \*b\*"),
        ("# no heading", r"\# no heading"),
        ("1. no list", r"1\. no list"),
        ("0.935", "0.935"),
        ("+0.18", "+0.18"),
        ("--- x", r"\--- x"),
    ],
)
def test_text_stays_text(text: str, expected: str) -> None:
    assert escape(text) == expected


def test_a_table_keeps_its_shape() -> None:
    assert table(["A", "B"], [["x|y", 1]]) == "| A | B |\n| --- | ---: |\n| x\\|y | 1 |"


def test_code_cannot_be_closed_from_inside() -> None:
    assert code("a`b\nc_d") == "`a'b c_d`"
