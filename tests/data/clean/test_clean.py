"""The built-in cleaning steps, each on the texts it is for and on those it must leave alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.data.clean import CLEANERS, Refusal
from seatrial.errors import SpecError


@pytest.mark.parametrize(
    ("step", "text", "cleaned"),
    [
        ("unescape-html", "Tom &amp; Jerry &lt;3", "Tom & Jerry <3"),
        ("unescape-html", "&amp;quot;Hi&amp;quot;", '"Hi"'),
        ("unescape-html", "AT&T <b>", "AT&T <b>"),
        pytest.param("unescape-html", "a&#" + "9" * 6000 + ";b", "a\ufffdb", id="digits that Python will not read"),
        ("normalize-space", " a\t\u00a0b\r\n\n c ", "a b c"),
        ("normalize-space", "cafe\u0301", "caf\u00e9"),
        ("normalize-space", "a\x00b\u200bc\ufeff\x07", "abc"),
        ("normalize-space", "line\u2028break\x85here", "line break here"),
        ("normalize-space", "👩\u200d🔬 می\u200cخواهم", "👩\u200d🔬 می\u200cخواهم"),
        ("lowercase", "ÀB ẞ", "àb ß"),
        ("drop-empty", " a", " a"),
        ("drop-empty", "\u3000\n", Refusal("text is empty")),
        ("drop-empty", "", Refusal("text is empty")),
    ],
)
def test_each_step(step: str, text: str, cleaned: str | Refusal) -> None:
    assert CLEANERS.get(step)(text) == cleaned


@given(st.text())
def test_normalize_space_settles_at_once(text: str) -> None:
    clean = CLEANERS.get("normalize-space")
    once = clean(text)
    assert isinstance(once, str)
    assert clean(once) == once
    once.encode()


def test_an_unknown_step_gets_the_nearest_name() -> None:
    with pytest.raises(SpecError, match="did you mean 'drop-empty'"):
        CLEANERS.get("drop-emtpy")
