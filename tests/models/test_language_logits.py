"""Models of transformers keep the documents of a packed row apart, as ours do: each is read as if it were alone. And
hidden tokens are guessed where they are wanted alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import transformers

from seatrial.data.packing import Document, PackedRows, pack_cut
from seatrial.models.language_logits import causal_logits, masked_logits
from seatrial.models.networks import NetworkConfig, build

VOCABULARY, LENGTH = 61, 24
SHARED = {"vocab_size": VOCABULARY, "bos_token_id": 0, "eos_token_id": 0}
FAMILIES: dict[str, dict[str, Any]] = {
    "llama": {
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": LENGTH,
    },
    "gpt2": {"n_positions": LENGTH, "n_embd": 32, "n_layer": 2, "n_head": 4},
}


def model_of(family: str, attention: str) -> torch.nn.Module:
    """A model of transformers with weights so wild that a token which sees too much shows."""
    from transformers import AutoConfig, AutoModelForCausalLM

    torch.manual_seed(11)
    config = AutoConfig.for_model(family, **SHARED, **FAMILIES[family])
    model: torch.nn.Module = AutoModelForCausalLM.from_config(config, attn_implementation=attention).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.normal_(1.0 if "norm" in name or "ln_" in name else 0.0, 0.3)
    assert model.config._attn_implementation == attention
    return model


def packed_rows() -> PackedRows:
    """Rows that hold several documents each, one that goes on in the next row, and padding at the end."""
    rng = np.random.default_rng(5)
    lengths = (9, 6, 13, 30, 4, 8)
    return pack_cut([Document(rng.integers(1, VOCABULARY, n).tolist()) for n in lengths], LENGTH, pad_id=0, seed=3)


def tensor(array: Any) -> torch.Tensor:
    return torch.from_numpy(array.astype(np.int64))


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
@pytest.mark.parametrize("family", list(FAMILIES))
def test_a_packed_row_gives_each_document_the_logits_that_it_has_alone(family: str, attention: str) -> None:
    model, packed = model_of(family, attention), packed_rows()
    documents = tensor(packed.documents)
    assert documents.max() >= 3, "several documents in a row"
    with torch.inference_mode():
        together = causal_logits(
            model, tensor(packed.input_ids), positions=tensor(packed.positions), documents=documents
        )
        joined = causal_logits(model, tensor(packed.input_ids))
        compared = leaks = 0
        for row, numbers in enumerate(packed.documents):
            for number in np.unique(numbers):
                inside = numbers == number
                alone = causal_logits(model, tensor(packed.input_ids[row][inside])[None])[0]
                torch.testing.assert_close(together[row][torch.from_numpy(inside)], alone, atol=2e-4, rtol=1e-4)
                compared += 1
                far = (joined[row][torch.from_numpy(inside)] - alone).abs().max() > 0.1
                leaks += int(far) if number else 0
    assert compared > len(packed.documents)
    assert leaks, "without the mask the documents would see each other, so that this test could fail"


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
@pytest.mark.parametrize("family", list(FAMILIES))
def test_other_words_in_a_document_change_nothing_in_its_neighbours(family: str, attention: str) -> None:
    model, packed = model_of(family, attention), packed_rows()
    row = next(r for r, numbers in enumerate(packed.documents) if numbers.max() >= 1)
    ids, numbers = tensor(packed.input_ids[row : row + 1]), packed.documents[row]
    changed = ids.clone()
    first = torch.from_numpy(numbers == 0)
    changed[0, first] = (changed[0, first] + 1) % VOCABULARY
    positions, documents = (tensor(array[row : row + 1]) for array in (packed.positions, packed.documents))
    with torch.inference_mode():
        before, after = (causal_logits(model, i, positions=positions, documents=documents)[0] for i in (ids, changed))
    torch.testing.assert_close(before[~first], after[~first])
    assert not torch.allclose(before[first], after[first])


@pytest.mark.parametrize("family", ["bert", "roberta", "distilbert", "ours"])
def test_hidden_tokens_are_guessed_at_the_wanted_places_alone(family: str) -> None:
    model = _masked(family)
    input_ids = torch.randint(5, 60, (3, 9), generator=torch.Generator().manual_seed(1))
    mask = torch.ones_like(input_ids)
    wanted = torch.rand(3, 9, generator=torch.Generator().manual_seed(2)) < 0.3
    with torch.no_grad():
        found = model(input_ids, attention_mask=mask)
        every = found if isinstance(found, torch.Tensor) else found.logits
        torch.testing.assert_close(masked_logits(model, input_ids, mask, wanted), every[wanted])
        again = model(input_ids, attention_mask=mask)
        assert (
            again if isinstance(again, torch.Tensor) else again.logits
        ).shape == every.shape  # nothing is left behind


def _masked(family: str) -> torch.nn.Module:
    torch.manual_seed(0)
    if family == "ours":
        config = NetworkConfig(
            kind="encoder", vocab_size=64, width=16, layers=1, heads=2, max_positions=16, head="masked-lm"
        )
        return build(config).eval()
    size = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    if family == "distilbert":
        size = {"dim": 16, "n_layers": 1, "n_heads": 2, "hidden_dim": 32}
    config = transformers.AutoConfig.for_model(family, vocab_size=64, max_position_embeddings=32, **size)
    return transformers.AutoModelForMaskedLM.from_config(config).eval()
