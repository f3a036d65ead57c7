"""The Markdown of model cards as HTML; whatever a card holds, it brings no markup of its own."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.serve.http.pages.markdown import render


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Title", "<h1>Title</h1>"),
        ("two\nlines", "<p>two lines</p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("a **bold** and `co*de*`", "<p>a <b>bold</b> and <code>co*de*</code></p>"),
        ("[here](https://example.org/a)", '<p><a href="https://example.org/a" rel="noreferrer">here</a></p>'),
        ("[here](//example.org)", "<p>[here](//example.org)</p>"),
        ("[here](javascript:alert(1))", "<p>[here](javascript:alert(1))</p>"),
        ("a &lt; b & c", "<p>a &lt; b &amp; c</p>"),
        (r"\*\*not bold\*\* \[x\](https://e.org)", "<p>&#42;&#42;not bold&#42;&#42; &#91;x&#93;(https://e.org)</p>"),
        ("```\n# <code>\n```", "<pre># &lt;code&gt;</pre>"),
        ("---\nlicense: mit\n---\ntext", "<p>text</p>"),
        (
            "| a | b |\n|---|--:|\n| 1 \\| 2 | 3 |",
            '<table><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead>'  # noqa: ISC004 - one text
            "<tbody><tr><td>1 | 2</td><td>3</td></tr></tbody></table>",
        ),
        ("", ""),
    ],
)
def test_blocks(text: str, expected: str) -> None:
    assert render(text) == expected


@given(st.text(alphabet="<>&\"'`*_[]()|#-\\\n aj:/", max_size=80))
def test_no_tag_but_ours(text: str) -> None:
    allowed = r"</?(h[1-6]|p|ul|li|pre|code|b|table|thead|tbody|tr|td)>|<th scope=\"col\">|</th>|</?a>"
    link = r'<a href="(https?://|[#/])[^"<>]*" rel="noreferrer">'
    rest = re.sub(f"{allowed}|{link}", "", render(text))
    assert "<" not in rest
    assert ">" not in rest
