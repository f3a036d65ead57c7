from __future__ import annotations

import numpy as np
import pytest
import torch

from seatrial.generate import teacher_forced as module
from seatrial.generate.teacher_forced import teacher_forced
from seatrial.models.language_logits import causal_logits, vocabulary_size

from .counting import Counting


@pytest.mark.parametrize("portion", [2, 128])
def test_every_position_has_the_logits_that_the_engine_gives_it(portion: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PORTION", portion)
    engine = Counting()
    network = teacher_forced(engine)
    texts = [[1, 2, 3, 4, 5], [7, 8, 0, 0, 0]]
    found = causal_logits(network, torch.tensor(texts)).numpy()
    assert found.shape == (2, 5, engine.vocabulary) == (2, 5, vocabulary_size(network))
    for row, text in enumerate(texts):
        wanted = Counting().prefill(0, text, last=len(text))
        np.testing.assert_array_equal(found[row], wanted)
