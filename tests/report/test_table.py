from __future__ import annotations

import pytest

from seatrial.report.table import Column, table


def test_first_column_names_the_row() -> None:
    made = table("Caption", [Column("A"), Column("B", "number")], [["x", "1"]])
    assert '<th class="text" scope="row">x</th><td class="number">1</td>' in made
    assert 'aria-label="Caption"' in made


def test_stacked_cells_carry_their_header() -> None:
    made = table("Caption", [Column("A"), Column('"B"', "number")], [["x", "1"]], stack=True)
    assert 'data-label="&quot;B&quot;"><div>1</div>' in made


def test_a_row_of_another_length_is_a_defect() -> None:
    with pytest.raises(ValueError, match="zip"):
        table("Caption", [Column("A")], [["x", "1"]])
