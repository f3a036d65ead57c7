from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from seatrial.errors import ArtifactError
from seatrial.generate.engines.networks import NetworkEngine, open_engine
from seatrial.models.hub_layout import save_network
from seatrial.models.networks import build
from seatrial.models.networks.config import NetworkConfig

SIZES = {"vocab_size": 40, "width": 32, "layers": 2, "heads": 4, "feed_forward_width": 48, "max_positions": 32}


def alone(engine: NetworkEngine, token_ids: list[int]) -> np.ndarray:
    """Logits [T, V] without a cache."""
    import torch

    with torch.inference_mode():
        logits: np.ndarray = engine._network(torch.tensor([token_ids]))[0].numpy()
    return logits


@pytest.fixture
def engine() -> NetworkEngine:
    import torch

    torch.manual_seed(1)
    return NetworkEngine(build(NetworkConfig(kind="decoder", **SIZES)), slots=3)


def test_it_continues_trims_and_copies(engine: NetworkEngine) -> None:
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
    engine.trim(0, 99)
    engine.trim(0, 0)
    np.testing.assert_allclose(engine.prefill(0, [6])[0], alone(engine, [6])[-1], atol=1e-5)


def test_a_folder_is_opened_and_what_is_no_decoder_refused(engine: NetworkEngine, tmp_path: Path) -> None:
    save_network(engine._network, tmp_path / "decoder")
    opened = open_engine(tmp_path / "decoder", slots=1, context=16)
    assert opened.context == 16
    np.testing.assert_allclose(opened.prefill(0, [1, 2]), engine.prefill(0, [1, 2]), atol=1e-6)
    with pytest.raises(ArtifactError, match="encoder"):
        NetworkEngine(build(NetworkConfig(kind="encoder", **SIZES)))
