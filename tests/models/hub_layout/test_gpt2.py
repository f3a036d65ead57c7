"""GPT-2 in our classes gives transformers' numbers, though its weights lie the other way round and three in one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

from seatrial.errors import ResolveError

from ..networks.toy import GPT_LIKE, ids, max_difference, toy
from .twins import TOLERANCE, assert_same_gradients, ours_of, saved_and_opened


def theirs(**settings: Any) -> Any:
    sizes: dict[str, Any] = {"vocab_size": 37, "n_embd": 24, "n_layer": 2, "n_head": 4, "n_positions": 32}
    sizes |= {"initializer_range": 0.3, "bos_token_id": 0, "eos_token_id": 0, **settings}
    model = transformers.GPT2LMHeadModel(transformers.GPT2Config(**sizes)).eval()
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):  # zero at first: an exchange would not show
            torch.nn.init.normal_(parameter, std=0.3)
    return model


@pytest.mark.parametrize(
    "settings",
    [{}, {"n_inner": 40, "activation_function": "relu"}, {"scale_attn_weights": False}, {"tie_word_embeddings": False}],
)
def test_logits_gradients_and_the_way_back(settings: dict[str, Any], tmp_path: Path) -> None:
    model = theirs(**settings)
    network = ours_of(model, tmp_path / "theirs")
    text = ids(2, 11)
    found, expected = network(text), model(input_ids=text).logits
    assert max_difference(found, expected) <= TOLERANCE
    assert_same_gradients(network, model, found, expected)
    again = saved_and_opened(network, transformers.GPT2LMHeadModel, tmp_path / "ours")
    assert max_difference(again(input_ids=text).logits, found) <= TOLERANCE


def test_a_network_that_was_born_here_opens_there(tmp_path: Path) -> None:
    network = toy(**GPT_LIKE, pad_id=1, eos_id=(2, 3))
    model = saved_and_opened(network, transformers.GPT2LMHeadModel, tmp_path)
    text = ids(1, 8)
    assert max_difference(model(input_ids=text).logits, network(text)) <= TOLERANCE
    assert model.config.eos_token_id == [2, 3]


def test_a_variant_that_our_networks_do_not_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ResolveError, match="scale_attn_by_inverse_layer_idx"):
        ours_of(theirs(scale_attn_by_inverse_layer_idx=True), tmp_path)
