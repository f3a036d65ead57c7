"""The cache: decoding step by step is the full forward pass, for texts of different lengths, trimmed and moved."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from seatrial.errors import SeatrialError
from seatrial.models.networks.cache import KeyValueCache

from .toy import KINDS, ids, max_difference, toy


@pytest.fixture(autouse=True)
def _no_gradients() -> Any:
    with torch.no_grad():
        yield


@pytest.mark.parametrize("settings", KINDS.values(), ids=KINDS)
def test_decoding_step_by_step_is_the_full_forward_pass(settings: dict[str, Any]) -> None:
    network = toy(**settings)
    text = ids(2, 12)
    cache = KeyValueCache(network.config, slots=2, capacity=12)
    pieces = [text[:, :5], text[:, 5:6], text[:, 6:9], *text[:, 9:].split(1, dim=1)]
    steps = torch.cat([network(piece, cache=cache) for piece in pieces], dim=1)
    assert max_difference(steps, network(text)) < 1e-5
    assert cache.lengths == [12, 12]


@pytest.mark.parametrize("settings", KINDS.values(), ids=KINDS)
def test_texts_of_different_lengths_side_by_side(settings: dict[str, Any]) -> None:
    """Prompts are padded on the right and the padding is trimmed off; then all go on together."""
    network = toy(**settings)
    texts = [ids(1, length + 3) for length in (2, 7, 4)]
    prompts = torch.cat([torch.nn.functional.pad(text[:, :-3], (0, 10 - text.shape[1])) for text in texts])
    cache = KeyValueCache(network.config, slots=3, capacity=16)
    network(prompts, cache=cache)
    for slot, text in enumerate(texts):
        cache.trim(slot, text.shape[1] - 3)
    steps = [network(torch.cat([text[:, [place]] for text in texts]), cache=cache) for place in (-3, -2, -1)]
    found = torch.cat(steps, dim=1)
    for slot, text in enumerate(texts):
        assert max_difference(found[slot : slot + 1], network(text)[:, -3:]) < 1e-5


def test_wrong_guesses_are_taken_back() -> None:
    network = toy()
    text, guesses = ids(1, 8), ids(1, 4)
    cache = KeyValueCache(network.config, slots=1)
    network(text[:, :5], cache=cache)
    network(guesses, cache=cache)
    cache.trim(0, 5)
    assert max_difference(network(text[:, 5:], cache=cache), network(text)[:, 5:]) < 1e-5


def test_rows_of_a_batch_can_be_any_slots() -> None:
    network = toy(key_value_heads=2)
    cache = KeyValueCache(network.config, slots=4)
    texts = {3: ids(1, 6), 0: ids(1, 4)}
    for slot, text in texts.items():
        network(text[:, :-1], cache=cache.for_slots([slot]))
    found = network(torch.cat([text[:, -1:] for text in texts.values()]), cache=cache.for_slots(list(texts)))
    for row, text in enumerate(texts.values()):
        assert max_difference(found[row, 0], network(text)[0, -1]) < 1e-5
    assert cache.lengths == [4, 0, 0, 6]


def test_a_slot_is_used_again_and_a_copy_goes_its_own_way() -> None:
    network = toy()
    cache = KeyValueCache(network.config, slots=2)
    network(ids(1, 9), cache=cache.for_slots([0]))
    cache.trim(0, 0)
    prompt, ends = ids(1, 4), ids(2, 2)
    network(prompt, cache=cache.for_slots([0]))
    cache.copy_slot(0, 1)
    found = network(ends, cache=cache)
    whole = network(torch.cat([prompt.expand(2, -1), ends], dim=1))
    assert max_difference(found, whole[:, 4:]) < 1e-5


def test_what_does_not_fit_is_refused_and_changes_nothing() -> None:
    network = toy()
    cache = KeyValueCache(network.config, slots=2, capacity=6)
    network(ids(2, 4), cache=cache)
    assert cache.room(1) == 2
    with pytest.raises(SeatrialError, match="no room for 3 more"):
        network(ids(2, 3), cache=cache)
    with pytest.raises(SeatrialError, match="2 slots"):
        network(ids(1, 1), cache=cache)
    with pytest.raises(SeatrialError, match="cannot be trimmed to 5"):
        cache.trim(0, 5)
    with pytest.raises(SeatrialError, match="each once"):
        cache.for_slots([0, 0])
    assert cache.lengths == [4, 4]
