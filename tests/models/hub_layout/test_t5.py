"""T5 in our classes gives transformers' numbers, in its first form and in that of version 1.1."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

from ..networks.toy import ids, max_difference, toy
from .twins import TOLERANCE, assert_same_gradients, ours_of, saved_and_opened


def theirs(**settings: Any) -> Any:
    sizes: dict[str, Any] = {"vocab_size": 37, "d_model": 24, "d_kv": 10, "d_ff": 40, "num_layers": 2, "num_heads": 4}
    sizes |= {"num_decoder_layers": 3, "decoder_start_token_id": 0, **settings}
    return transformers.T5ForConditionalGeneration(transformers.T5Config(**sizes)).eval()


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"feed_forward_proj": "gated-gelu", "tie_word_embeddings": False},
        {"feed_forward_proj": "gated-silu", "relative_attention_num_buckets": 8, "relative_attention_max_distance": 20},
    ],
)
def test_logits_gradients_and_the_way_back(settings: dict[str, Any], tmp_path: Path) -> None:
    model = theirs(**settings)
    network = ours_of(model, tmp_path / "theirs")
    source, written = ids(2, 30), ids(2, 11)
    mask = torch.ones_like(source)
    mask[0, 20:] = 0
    found = network(source, written, attention_mask=mask)
    expected = model(input_ids=source, attention_mask=mask, decoder_input_ids=written).logits
    assert max_difference(found, expected) <= TOLERANCE
    assert_same_gradients(network, model, found, expected)
    again = saved_and_opened(network, transformers.T5ForConditionalGeneration, tmp_path / "ours")
    opened = again(input_ids=source, attention_mask=mask, decoder_input_ids=written).logits
    assert max_difference(opened, found) <= TOLERANCE
    assert again.config.decoder_start_token_id == 0


@pytest.mark.parametrize("tied", [True, False])
def test_a_network_that_was_born_here_opens_there(tied: bool, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"positions": "relative-bias", "attention_scale": 1.0, "decoder_layers": 1, "pad_id": 0}
    network = toy("encoder-decoder", tied=tied, **settings)
    model = saved_and_opened(network, transformers.T5ForConditionalGeneration, tmp_path)
    source, written = ids(1, 8), ids(1, 5)
    expected = model(input_ids=source, decoder_input_ids=written).logits
    assert max_difference(network(source, written), expected) <= TOLERANCE
    again: Any = ours_of(model, tmp_path / "again")
    assert again.config.tied is tied
    assert max_difference(network(source, written), again(source, written)) <= TOLERANCE
