"""What counts as a text: something that a reader would see."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from seatrial.serve.usable import fault_of

INVISIBLE = ["\u200b", "\u0001", "\u0000\u007f\u0085", "\u00ad", "\ufe0f", "\u2060 \u200d\n", "\u3164", "\U000e0041"]
SHAPELESS = ("VARIATION SELECTOR", "MONGOLIAN FREE VARIATION SELECTOR")
VISIBLE = ["a", "\u200b.", "?", "👍🏽", "\u0301", "漢", "\u0600", "\ue000", "\U0001faea", "\ufffd", "\u200bא\u200f"]


@pytest.mark.parametrize("text", INVISIBLE)
def test_a_text_that_nobody_sees_is_refused(text: str) -> None:
    fault = fault_of(text, 100)
    assert fault is not None
    assert fault[0] == "has no visible character"


@pytest.mark.parametrize("text", VISIBLE)
def test_one_visible_character_is_enough(text: str) -> None:
    assert fault_of(text, 100) is None


def test_no_letter_digit_sign_or_mark_is_taken_for_nothing() -> None:
    ignorable = set("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")  # letters and marks without a shape
    refused = {
        character
        for character in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(character)[0] in "LNPSM" and fault_of(character, 1) is not None
    }
    shown = {character for character in refused if not unicodedata.name(character).startswith(SHAPELESS)}
    assert shown <= ignorable
