"""What counts as a text, the same for projects and verbs."""

from __future__ import annotations

from typing import Any

import pytest

from seatrial.data.cells import cell_text, holds_no_text, is_gap


@pytest.mark.parametrize(
    ("cell", "text"),
    [("a", "a"), ("", ""), (0, "0"), (2.5, "2.5"), (True, "true"), (None, None), (float("nan"), None)],
)
def test_a_number_is_the_text_that_it_is_written_as_and_a_gap_is_none(cell: Any, text: str | None) -> None:
    assert cell_text(cell) == text
    assert is_gap(cell) == (text is None)
    assert not holds_no_text(cell)


@pytest.mark.parametrize("cell", [[], ["a"], {"a": 1}, b"a"])
def test_lists_objects_and_bytes_are_no_text(cell: Any) -> None:
    assert holds_no_text(cell)
