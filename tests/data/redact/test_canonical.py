from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from seatrial.data.redact.canonical import INVISIBLE, Canonical


def test_ascii_is_taken_as_it_is() -> None:
    view = Canonical("a1")
    assert (view.text, view.data, view.ascii, view.digits) == ("a1", b"a1", True, 1)
    assert view.original_spans([(0, 2)]) == [(0, 2)]


def test_digits_letters_dashes_and_spaces_become_ascii() -> None:
    assert Canonical("１２Ａｂ＠③٣३𝟛\u3000—").text == "12Ab@3333 -"
    assert Canonical("，。：？").text == "，。：？"


def test_spans_lead_back_over_what_is_invisible() -> None:
    text = "é\u200b1\u200b2\u200b\u200b3\u200b"
    view = Canonical(text)
    assert view.text == "é123"
    (span,) = view.original_spans([(2, 5)])
    assert text[slice(*span)] == "1\u200b2\u200b\u200b3"


@given(st.text(alphabet="a1é中😀\u200b\ufe0f９", max_size=40), st.data())
def test_any_span_leads_to_the_same_characters(text: str, data: st.DataObject) -> None:
    view = Canonical(text)
    if not view.text:
        return
    start = data.draw(st.integers(0, len(view.text) - 1))
    end = data.draw(st.integers(start + 1, len(view.text)))
    in_bytes = (len(view.text[:start].encode()), len(view.text[:end].encode()))
    ((first, last),) = view.original_spans([in_bytes])
    visible = "".join(character for character in text[first:last] if character not in INVISIBLE)
    assert visible.replace("９", "9") == view.text[start:end]
