from __future__ import annotations

import pytest

from seatrial.data.clean.served import clean_served
from seatrial.errors import SpecError


def test_served_texts_are_cleaned_as_in_training() -> None:
    steps = ("unescape-html", "normalize-space", "drop-empty")
    assert clean_served(["me &amp;  you", " ", "plain"], steps) == ["me & you", "", "plain"]
    assert clean_served(["me &amp;  you"], ()) == ["me &amp;  you"]


def test_a_step_that_is_not_installed_is_named() -> None:
    with pytest.raises(SpecError, match="unknown cleaning step 'stem'"):
        clean_served(["a"], ("stem",))
