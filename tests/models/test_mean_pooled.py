from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from seatrial.models.forward import raw_output, torch_logits
from seatrial.models.mean_pooled import MeanPooled
from seatrial.tasks.embedding import Embedding

from ..train.toy import toy_base

TEXTS = [[2, 4, 3], [2, 9, 9, 8, 7, 6, 5, 4, 12, 3], [2, 3], [2, 11, 5, 3]]


@pytest.fixture(scope="module", params=["bert", "roberta", "distilbert"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> torch.nn.Module:
    return Embedding().load_trained(toy_base(tmp_path_factory.mktemp("base"), kind=request.param))


def by_hand(model: MeanPooled, ids: list[int]) -> np.ndarray:
    with torch.inference_mode():
        hidden = model.encoder(input_ids=torch.tensor([ids])).last_hidden_state[0].numpy()
    mean = hidden.mean(axis=0)
    result: np.ndarray = mean / np.sqrt((mean * mean).sum())
    return result


def test_a_text_alone_and_among_others_is_its_mean_at_length_one(model: torch.nn.Module) -> None:
    assert isinstance(model, MeanPooled)
    expected = np.stack([by_hand(model, ids) for ids in TEXTS])
    together = torch_logits(model, TEXTS, pad_id=0)
    alone = np.concatenate([torch_logits(model, [ids], pad_id=0) for ids in TEXTS])
    np.testing.assert_allclose(together, expected, atol=1e-6)
    np.testing.assert_allclose(alone, expected, atol=1e-6)


def test_what_is_saved_is_the_encoder(model: torch.nn.Module, tmp_path: Path) -> None:
    from transformers import AutoModel

    assert isinstance(model, MeanPooled)
    model.save_pretrained(tmp_path)
    again = MeanPooled(AutoModel.from_pretrained(tmp_path)).eval()
    np.testing.assert_array_equal(torch_logits(again, TEXTS), torch_logits(model, TEXTS))
    assert again.config.vocab_size == model.config.vocab_size


def test_a_tensor_is_its_own_raw_output() -> None:
    tensor = torch.ones(2, 3)
    assert raw_output(tensor) is tensor
