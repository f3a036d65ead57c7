"""Logits come back in the order of the texts, and batching changes none of them."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from seatrial.models.forward import torch_logits


class MeanOfIds(torch.nn.Module):
    """Logits [mean id, length] over unmasked ids; remembers the batches it saw."""

    def __init__(self) -> None:
        super().__init__()
        self.config = SimpleNamespace(pad_token_id=9)
        self.dropout = torch.nn.Dropout(0.5)
        self.seen: list[tuple[int, int]] = []
        self.masks: list[bool] = []

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor | None) -> SimpleNamespace:
        self.seen.append(tuple(input_ids.shape))  # type: ignore[arg-type]
        self.masks.append(attention_mask is not None)
        mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        assert torch.all((mask == 1) | (input_ids == 9))
        length = mask.sum(1).float()
        mean = (input_ids * mask).sum(1).float() / length
        return SimpleNamespace(logits=self.dropout(torch.stack([mean, length], dim=1)))


TEXTS = [[1, 2, 3], [4], [5, 5, 5, 5, 5], [6, 8], [7], [1, 1, 1, 1, 1, 1, 1]]
EXPECTED = [[2, 3], [4, 1], [5, 5], [7, 2], [7, 1], [1, 7]]


@pytest.mark.parametrize("max_tokens", [1, 6, 8, 1000])
def test_order_is_restored_for_every_batch_size(max_tokens: int) -> None:
    logits = torch_logits(MeanOfIds(), TEXTS, max_tokens=max_tokens)
    assert logits.dtype == np.float32
    np.testing.assert_array_equal(logits, EXPECTED)


def test_batches_keep_to_the_budget_and_hold_texts_of_like_length() -> None:
    model = MeanOfIds()
    torch_logits(model, TEXTS, max_tokens=7)
    assert all(items * longest <= 7 for items, longest in model.seen)
    assert [longest for _, longest in model.seen] == sorted((longest for _, longest in model.seen), reverse=True)


def test_a_batch_without_padding_gets_no_mask() -> None:
    model = MeanOfIds()
    torch_logits(model, [[1, 2], [3, 4]])
    torch_logits(model, [[1, 2], [3]])
    assert model.masks == [False, True]


def test_the_model_keeps_its_mode_even_when_it_fails() -> None:
    model = MeanOfIds().train()
    torch_logits(model, TEXTS)
    assert model.training
    with pytest.raises(AssertionError):
        torch_logits(model, [[1, 2], [3]], pad_id=0)
    assert model.training


def test_progress_counts_texts() -> None:
    heard: list[tuple[int, int | None]] = []
    torch_logits(
        MeanOfIds(),
        TEXTS,
        max_tokens=7,
        progress=lambda what, done, total=None, figures=None: heard.append((done, total)),
    )
    assert heard[-1] == (6, 6)
    assert len(heard) > 1


def test_no_texts_give_an_empty_array() -> None:
    assert torch_logits(MeanOfIds(), []).shape == (0, 0)
