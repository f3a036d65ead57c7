"""A configuration that makes no network is refused with the field's name, before anything is built."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from seatrial.errors import SpecError

from .toy import toy_config


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({"width": 25}, "network.heads"),
        ({"heads": 0}, "network.heads"),
        ({"key_value_heads": 3}, "network.key_value_heads"),
        ({"head_width": 5}, "network.head_width"),
        ({"positions": "absolute"}, "network.positions"),
        ({"kind": "autoencoder"}, "network.kind"),
        ({"positions": "sinusoidal", "width": 25, "heads": 5}, "network.width"),
        ({"positions": "relative-bias", "relative_buckets": 7}, "network.relative_buckets"),
        ({"positions": "relative-bias", "relative_max_distance": 16}, "network.relative_max_distance"),
        ({"dropout": 1.0}, "network.dropout"),
        ({"norm_epsilon": 0.0}, "network.norm_epsilon"),
        ({"sliding_window": 0}, "network.sliding_window"),
        ({"decoder_layers": 2}, "network.decoder_layers"),
        ({"head": "pooler"}, "network.head"),
        ({"token_types": 2}, "network.token_types"),
        ({"kind": "encoder-decoder", "positions": "alibi"}, "network.positions"),
        ({"eos_id": (3, 99)}, "network.eos_id"),
        ({"start_id": 0}, "network.start_id"),
    ],
)
def test_what_cannot_be_is_refused_by_name(settings: dict[str, Any], where: str) -> None:
    with pytest.raises(SpecError) as caught:
        toy_config(**settings)
    assert caught.value.where == where
    assert caught.value.expected


def test_what_is_left_open_follows_from_the_rest() -> None:
    config = toy_config(feed_forward_width=None)
    assert (config.kv_heads, config.head_size, config.inner_width) == (4, 6, 96)
    assert toy_config(key_value_heads=1, head_width=10).head_size == 10


def test_a_configuration_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        toy_config().width = 1  # type: ignore[misc]
