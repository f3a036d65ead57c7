from __future__ import annotations

import numpy as np

from seatrial.evaluate.text_rows import FITS, text_rows, texts_of


def test_texts_come_back_as_they_were() -> None:
    texts = ["", '{"a": 1}', "naïve 漢字 \U0001f600", " two\nlines "]
    rows = text_rows(texts, [True, True, False, True])
    assert rows.dtype == np.float32
    assert np.isfinite(rows).all()
    assert texts_of(rows) == texts
    assert texts_of(rows.astype(np.intp)) == texts
    assert rows[:, FITS].tolist() == [1, 1, 0, 1]
    assert text_rows([]).shape == (0, 1)
