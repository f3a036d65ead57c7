from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from seatrial.errors import ArtifactError
from seatrial.generate.engines.transformers import TransformersEngine, open_engine


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(1)
    config = GPT2Config(vocab_size=40, n_positions=32, n_embd=16, n_layer=2, n_head=2, bos_token_id=0, eos_token_id=0)
    made = tmp_path_factory.mktemp("gpt2")
    GPT2LMHeadModel(config).save_pretrained(made)
    return made


def alone(engine: TransformersEngine, token_ids: list[int]) -> np.ndarray:
    """Logits [T, V] without a cache."""
    import torch

    with torch.inference_mode():
        logits: np.ndarray = engine._model(torch.tensor([token_ids]), use_cache=False).logits[0].numpy()
    return logits


def test_it_continues_trims_and_copies(folder: Path) -> None:
    engine = open_engine(folder, slots=3)
    assert (engine.vocabulary, engine.context, engine.slots) == (40, 32, 3)
    assert engine.prefill(0, [1, 2, 3], last=0).shape == (0, 40)
    np.testing.assert_allclose(engine.prefill(0, [4, 5], last=2), alone(engine, [1, 2, 3, 4, 5])[-2:], atol=1e-5)
    engine.prefill(2, [9])
    engine.copy(0, 1)
    found = engine.decode([2, 1], [8, 7])
    np.testing.assert_allclose(found[0], alone(engine, [9, 8])[-1], atol=1e-5)
    np.testing.assert_allclose(found[1], alone(engine, [1, 2, 3, 4, 5, 7])[-1], atol=1e-5)
    engine.trim(0, 2)
    np.testing.assert_allclose(engine.decode([0], [6])[0], alone(engine, [1, 2, 6])[-1], atol=1e-5)
    engine.trim(0, 0)
    np.testing.assert_allclose(engine.prefill(0, [6])[0], alone(engine, [6])[-1], atol=1e-5)
    with pytest.raises(ValueError, match="context of 32"):
        engine.prefill(0, [1] * 32)


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="causal model"):
        open_engine(tmp_path)
