"""Encoders: both sides are seen, padding is not, segments count."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from .toy import KINDS, VOCAB, ids, max_difference, toy


@pytest.mark.parametrize("settings", KINDS.values(), ids=KINDS)
def test_a_text_alone_and_padded_among_others_is_the_same(settings: dict[str, Any]) -> None:
    network = toy("encoder", **settings)
    short, long = ids(1, 5), ids(1, 9)
    padded = torch.cat([short, ids(1, 4)], dim=1)
    mask = torch.tensor([[1] * 5 + [0] * 4, [1] * 9])
    together = network(torch.cat([padded, long]), attention_mask=mask)
    assert together.shape == (2, 9, 24)
    assert max_difference(together[:1, :5], network(short)) < 1e-5
    assert max_difference(together[1:], network(long)) < 1e-5


def test_both_sides_are_seen() -> None:
    network = toy("encoder")
    text = ids(1, 6)
    other = text.clone()
    other[0, 5] = (other[0, 5] + 1) % VOCAB
    assert max_difference(network(text)[:, 0], network(other)[:, 0]) > 1e-3


def test_a_text_that_is_all_padding_gives_numbers() -> None:
    assert bool(toy("encoder")(ids(1, 3), attention_mask=torch.zeros(1, 3)).isfinite().all())


def test_segments_count_and_are_0_by_default() -> None:
    network = toy("encoder", token_types=2)
    text = ids(1, 4)
    zeros = torch.zeros_like(text)
    assert torch.equal(network(text), network(text, token_types=zeros))
    assert max_difference(network(text), network(text, token_types=zeros + 1)) > 1e-3


def test_the_pooler_looks_at_the_first_token() -> None:
    network = toy("encoder", head="pooler")
    hidden = torch.randn(2, 5, 24)
    other = hidden.clone()
    other[:, 1:] = 0
    assert network.pooler(hidden).shape == (2, 24)
    assert torch.equal(network.pooler(hidden), network.pooler(other))


@pytest.mark.parametrize("tied", [True, False])
def test_a_masked_language_model_gives_logits_from_the_table_or_its_own(tied: bool) -> None:
    network = toy("encoder", head="masked-lm", tied=tied)
    assert network(ids(2, 5)).shape == (2, 5, VOCAB)
    assert (network.head.output.vocabulary.weight is network.encoder.embedding.tokens.weight) is tied
