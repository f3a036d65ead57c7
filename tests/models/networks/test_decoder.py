"""Decoders: nothing from the future, nothing from the neighbours of a packed row, and both forms of attention agree."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from seatrial.errors import SeatrialError
from seatrial.models.networks.cache import KeyValueCache
from seatrial.models.networks.multi_head import MultiHeadAttention

from .toy import GPT_LIKE, KINDS, VOCAB, ids, max_difference, toy


@pytest.mark.parametrize("settings", KINDS.values(), ids=KINDS)
def test_a_token_depends_on_those_before_it_and_on_no_later_one(settings: dict[str, Any]) -> None:
    network = toy(**settings)
    text = ids(1, 9)
    other = text.clone()
    other[0, 5] = (other[0, 5] + 1) % VOCAB
    before, after = network(text), network(other)
    assert before.shape == (1, 9, VOCAB)
    assert max_difference(before[:, :5], after[:, :5]) < 1e-6
    assert max_difference(before[:, 5], after[:, 5]) > 1e-3


@pytest.mark.parametrize("settings", KINDS.values(), ids=KINDS)
def test_documents_in_a_packed_row_are_as_if_alone(settings: dict[str, Any]) -> None:
    network = toy(**settings)
    texts = [ids(1, length) for length in (4, 7, 1, 5)]
    documents = torch.tensor([[number for number, text in enumerate(texts) for _ in text[0]]])
    packed = network(torch.cat(texts, dim=1), documents=documents)
    alone = torch.cat([network(text) for text in texts], dim=1)
    assert max_difference(packed, alone) < 1e-5


def test_without_documents_a_packed_row_is_one_text() -> None:
    network = toy()
    texts = torch.cat([ids(1, 4), ids(1, 4)], dim=1)
    documents = torch.tensor([[0] * 4 + [1] * 4])
    assert max_difference(network(texts), network(texts, documents=documents)) > 1e-3


@pytest.mark.parametrize("settings", KINDS.values(), ids=KINDS)
def test_both_forms_of_attention_give_the_same_network(settings: dict[str, Any]) -> None:
    network = toy(**settings)
    text = ids(2, 8)
    fused = network(text)
    for module in network.modules():
        if isinstance(module, MultiHeadAttention):
            module.implementation = "explicit"
    assert max_difference(network(text), fused) < 1e-4


def test_a_sliding_window_sees_no_further_than_its_width_per_block() -> None:
    network = toy(sliding_window=3, layers=1)
    text = ids(1, 9)
    other = text.clone()
    other[0, 2] = (other[0, 2] + 1) % VOCAB
    difference = (network(text) - network(other)).abs().amax(-1)[0]
    assert (difference > 1e-6).tolist() == [False, False, True, True, True, False, False, False, False]


def test_positions_can_be_given() -> None:
    network = toy(**GPT_LIKE)
    text = ids(1, 4)
    assert torch.equal(network(text, positions=torch.arange(4)[None]), network(text))
    assert max_difference(network(text, positions=torch.arange(3, 7)[None]), network(text)) > 1e-3


def test_rotary_positions_know_distances_only() -> None:
    network = toy()
    text = ids(1, 6)
    assert max_difference(network(text, positions=torch.arange(11, 17)[None]), network(text)) < 1e-4


def test_hidden_states_and_the_head_are_the_logits() -> None:
    network = toy()
    text = ids(2, 5)
    assert torch.equal(network.head(network.hidden_states(text)), network(text))


def test_a_text_beyond_the_table_of_positions_is_refused() -> None:
    with pytest.raises(SeatrialError, match="33 tokens is longer") as caught:
        toy(**GPT_LIKE)(ids(1, 33))
    assert caught.value.expected == "at most 32 tokens"


def test_a_packed_row_cannot_be_continued() -> None:
    network = toy()
    with pytest.raises(SeatrialError, match="packed rows"):
        network(ids(1, 3), documents=torch.zeros(1, 3), cache=KeyValueCache(network.config, slots=1))


def test_dropout_is_for_training() -> None:
    network = toy(dropout=0.3, attention_dropout=0.3)
    text = ids(1, 6)
    assert torch.equal(network(text), network(text))
    network.train()
    assert not torch.equal(network(text), network(text))


@pytest.mark.parametrize("settings", KINDS.values(), ids=KINDS)
def test_wanted_places_alone_have_the_logits_that_they_have_among_all(settings: dict[str, Any]) -> None:
    network = toy(**settings)
    text = ids(2, 6)
    wanted = torch.tensor([[False, True, True, False, False, False], [True, False, False, False, False, True]])
    assert max_difference(network(text, wanted=wanted), network(text)[wanted]) < 1e-5
