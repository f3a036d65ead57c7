"""How long a text a model reads, for encoders that count positions differently."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.errors import SpecError
from seatrial.tasks.text_classification import TextClassification
from seatrial.train.limits import check_length, longest_input

from .toy import LABELS, toy_base


@pytest.mark.parametrize(("kind", "longest"), [("bert", 40), ("distilbert", 40), ("roberta", 39)])
def test_the_longest_input_is_exact(kind: str, longest: int, tmp_path: Path) -> None:
    from seatrial.models.forward import torch_logits

    model = TextClassification().load_model(toy_base(tmp_path, kind=kind), LABELS, None)
    assert longest_input(model) == longest
    assert torch_logits(model, [[4] * longest]).shape == (1, 2)
    with pytest.raises((IndexError, RuntimeError)):
        torch_logits(model, [[4] * (longest + 1)])
    check_length(model, longest)
    with pytest.raises(SpecError):
        check_length(model, longest + 1)
