"""Models of one base folder share a body: what one changes the others see, and the first is saved as if alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForMaskedLM, AutoModelForSequenceClassification, AutoModelForTokenClassification

from seatrial.errors import SpecError
from seatrial.models.quiet import quiet_transformers
from seatrial.models.shared_body import SharedBody

from ..train.toy import toy_base

CLASSES = (AutoModelForSequenceClassification, AutoModelForMaskedLM, AutoModelForTokenClassification)
IDS = torch.tensor([[2, 4, 10, 3]])


@pytest.fixture(params=["bert", "roberta", "distilbert"])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> SharedBody:
    base = toy_base(tmp_path, kind=request.param)
    with quiet_transformers():
        return SharedBody([kind.from_pretrained(base) for kind in CLASSES]).eval()


def test_a_step_on_one_task_moves_the_body_of_all(shared: SharedBody) -> None:
    before = [shared(IDS, part=part).logits for part in range(3)]
    shared(IDS, part=1).logits[0, 1, 5].backward()
    body = {id(parameter) for parameter in shared.head_parameters()}
    with torch.no_grad():
        for parameter in shared.parameters():
            if parameter.grad is not None and id(parameter) not in body:
                parameter.sub_(parameter.grad, alpha=0.5)
    for part, old in enumerate(before):
        assert not torch.allclose(shared(IDS, part=part).logits, old, atol=1e-5), part


def test_each_weight_is_there_once_and_ties_hold(shared: SharedBody) -> None:
    masked = shared.part(1)
    table = shared.part(0).get_input_embeddings().weight
    assert masked.get_input_embeddings().weight is table
    assert masked.get_output_embeddings().weight is table
    assert not any(parameter is table for parameter in shared.head_parameters())
    alone = sum(p.numel() for p in shared.part(0).parameters())
    heads = sum(p.numel() for p in shared.head_parameters())
    own = sum(p.numel() for name, p in shared.part(0).named_parameters() if "classifier" in name or "pooler" in name)
    assert sum(p.numel() for p in shared.parameters()) == alone + heads - own


def test_the_first_is_saved_as_if_alone(shared: SharedBody, tmp_path: Path) -> None:
    with quiet_transformers():
        shared.save_pretrained(tmp_path / "out")
        again = AutoModelForSequenceClassification.from_pretrained(tmp_path / "out").eval()
    torch.testing.assert_close(again(IDS).logits, shared(IDS).logits)
    assert set(again.state_dict()) == set(shared.part(0).state_dict())


def test_two_sizes_have_no_body_in_common(tmp_path: Path) -> None:
    from transformers import BertConfig, BertForMaskedLM, BertForSequenceClassification

    sizes = {"vocab_size": 9, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8}
    one = BertForSequenceClassification(BertConfig(**sizes, hidden_size=8))
    with pytest.raises(SpecError, match="have no body in common"):
        SharedBody([one, BertForMaskedLM(BertConfig(**sizes, hidden_size=16))])
    with pytest.raises(SpecError, match="no body apart from its head"):
        SharedBody([one, torch.nn.Linear(2, 2)])
