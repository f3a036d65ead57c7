"""Encoder-decoders: the source is seen whole and without its padding; writing word by word is writing at once."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from seatrial.models.networks.cache import KeyValueCache

from .toy import GPT_LIKE, VOCAB, ids, max_difference, toy

KINDS: dict[str, dict[str, Any]] = {
    "like T5": {
        "positions": "relative-bias",
        "relative_buckets": 8,
        "relative_max_distance": 20,
        "attention_scale": 1.0,
        "decoder_layers": 3,
    },
    "rotary, grouped": {"key_value_heads": 2, "tied": False},
    "learned": GPT_LIKE,
}
MASK = torch.tensor([[1, 1, 1, 1, 0, 0], [1, 1, 1, 1, 1, 1]])


@pytest.mark.parametrize("settings", KINDS.values(), ids=KINDS)
def test_padding_of_the_source_is_not_seen(settings: dict[str, Any]) -> None:
    network = toy("encoder-decoder", **settings)
    source, written = ids(2, 6), ids(2, 5)
    together = network(source, written, attention_mask=MASK)
    alone = network(source[:1, :4], written[:1])
    assert together.shape == (2, 5, VOCAB)
    assert max_difference(together[:1], alone) < 1e-5


@pytest.mark.parametrize("settings", KINDS.values(), ids=KINDS)
@torch.no_grad()
def test_with_a_cache_the_source_is_read_once_and_the_logits_are_the_same(settings: dict[str, Any]) -> None:
    network = toy("encoder-decoder", **settings)
    source, written = ids(2, 6), ids(2, 5)
    whole = network(source, written, attention_mask=MASK)
    cache = KeyValueCache(network.config, slots=2)
    steps = [network(source, written[:, :2], attention_mask=MASK, cache=cache)]
    steps += [network(source * 0, written[:, [place]], cache=cache) for place in range(2, 5)]
    assert max_difference(torch.cat(steps, dim=1), whole) < 1e-5


def test_what_is_written_later_is_not_seen() -> None:
    network = toy("encoder-decoder")
    source, written = ids(1, 6), ids(1, 5)
    other = written.clone()
    other[0, 3] = (other[0, 3] + 1) % VOCAB
    assert torch.equal(network(source, written)[:, :3], network(source, other)[:, :3])
