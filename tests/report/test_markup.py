from __future__ import annotations

from seatrial.report.markup import h, user


def test_text_is_escaped_and_markup_is_not() -> None:
    assert h("p.a.b", "<i>&", h("b", "x"), None, ["y", ["z"]]) == '<p class="a b">&lt;i&gt;&amp;<b>x</b>yz</p>'


def test_attributes_are_escaped_numbers_short_and_none_left_out() -> None:
    made = h("line", attrs={"x1": 1.500001, "y1": 2, "id": None, "title": "\"><script>'"})
    assert made == '<line x1="1.5" y1="2" title="&quot;&gt;&lt;script&gt;&#x27;"/>'


def test_whole_floats_keep_their_zeros() -> None:
    assert h("rect", attrs={"x": 100.0}) == '<rect x="100"/>'


def test_user_text_keeps_its_own_direction() -> None:
    assert user("مرحبا\x07\u202e") == "<bdi>مرحبا\ufffd</bdi>"
