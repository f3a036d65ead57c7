"""A network learns: after a few steps a decoder continues a rhyme that it was shown."""

from __future__ import annotations

import pytest
import torch

from seatrial.models.networks import build

from .toy import GPT_LIKE, toy_config


@pytest.mark.parametrize("settings", [{}, GPT_LIKE], ids=["like Llama", "like GPT-2"])
def test_a_decoder_learns_a_rhyme_by_heart(settings: dict[str, object]) -> None:
    network = build(toy_config(**settings, init_std=0.05))
    rhyme = torch.tensor([[5, 9, 5, 2, 7, 7, 1, 30, 4, 5, 11, 3]])
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.01)
    for _ in range(60):
        logits = network(rhyme[:, :-1])
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), rhyme[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    assert network(rhyme[:, :-1]).argmax(-1).tolist() == rhyme[:, 1:].tolist()
    assert all(parameter.grad is not None for parameter in network.parameters())
