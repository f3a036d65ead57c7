from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from seatrial.errors import ArtifactError
from seatrial.export.parity import changed_by_company, parity, require_parity
from seatrial.models.reading import whole_texts
from seatrial.tasks.text_classification import TextClassification

TASK = TextClassification()
REFERENCE = np.array([[2.0, 1.0], [0.0, 1.0], [3.0, 0.0], [0.0, 0.5]], dtype=np.float32)


def test_differences_are_absolute() -> None:
    other = REFERENCE + np.array([[0.5, 0], [0, 0], [-4, 0], [0, -0.1]], dtype=np.float32)
    figures = parity(REFERENCE, other)
    assert figures["max_abs"] == pytest.approx(4.0)
    assert figures["mean_abs"] == pytest.approx(4.6 / 8)


def test_the_same_logits_pass() -> None:
    require_parity(parity(REFERENCE, REFERENCE.copy()))


@pytest.mark.parametrize("offset", [0.0011, -0.0011, np.nan, np.inf])
def test_one_deviating_logit_is_refused(offset: float) -> None:
    other = REFERENCE.copy()
    other[2, 0] += offset
    with pytest.raises(ArtifactError, match="deviates") as caught:
        require_parity(parity(REFERENCE, other), where="model.onnx")
    assert caught.value.where == "model.onnx"


def test_other_shapes_and_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        parity(REFERENCE, REFERENCE[:2])
    with pytest.raises(ValueError, match="shape"):
        parity(REFERENCE[:0], REFERENCE[:0])


class Session:
    """Says for one text what `answers` has under its first id; notes what it was asked."""

    def __init__(self, answers: dict[int, list[float]]) -> None:
        self.answers = answers
        self.asked: list[int] = []

    def logits(self, token_ids: Sequence[Sequence[int]], pad_id: int = 0) -> NDArray[np.float32]:
        assert len(token_ids) == 1, "alone"
        self.asked.append(token_ids[0][0])
        return np.array([self.answers[token_ids[0][0]]], dtype=np.float32)


def test_texts_whose_label_depends_on_their_company_are_counted() -> None:
    logits = np.array([[1, 0], [0, 1], [1, 0], [0, 1]], dtype=np.float32)
    session = Session({1: [1.0, 0.0], 2: [0.0, 1.0]})
    found = changed_by_company(session, TASK, whole_texts([[2], [1], [1], [2]]), logits)
    assert found == {"alone": 4, "changed": 2}


def test_at_most_two_hundred_texts_are_computed_alone() -> None:
    session = Session({i: [1.0, 0.0] for i in range(999)})
    logits = np.tile(np.array([1, 0], dtype=np.float32), (999, 1))
    found = changed_by_company(session, TASK, whole_texts([[i] for i in range(999)]), logits)
    assert found == {"alone": 200, "changed": 0}
    assert len(set(session.asked)) == 200
    assert session.asked[-1] == 998
