"""Recomputed activations change no number, for transformers' models and for stacks of blocks."""

from __future__ import annotations

from pathlib import Path

import pytest
from safetensors.numpy import load_file

from seatrial.errors import SpecError
from seatrial.train.recompute import recompute_activations

from .toy import toy_fit, toy_spec


def test_a_run_gives_the_same_weights(base: Path, tmp_path: Path) -> None:
    for name, on in (("kept", False), ("again", True)):
        toy_fit(base, tmp_path / name, toy_spec(epochs=1, gradient_checkpointing=on))
    kept, again = (load_file(tmp_path / name / "out" / "model.safetensors") for name in ("kept", "again"))
    assert all(kept[name].tobytes() == again[name].tobytes() for name in kept)


def test_stacks_of_blocks_give_the_same_gradient() -> None:
    import torch

    class Stack(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.blocks = torch.nn.ModuleList(torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Tanh()) for _ in "ab")

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            for block in self.blocks:
                x = block(x)
            return x

    stack, x = Stack(), torch.linspace(-1, 1, 12).reshape(3, 4)
    stack(x).square().sum().backward()
    kept = [parameter.grad.clone() for parameter in stack.parameters() if parameter.grad is not None]
    stack.zero_grad()
    recompute_activations(stack)
    stack(x).square().sum().backward()
    assert all(torch.equal(a, b.grad) for a, b in zip(kept, stack.parameters(), strict=True) if b.grad is not None)
    assert set(stack.state_dict()) == {f"blocks.{i}.0.{n}" for i in range(2) for n in ("weight", "bias")}


def test_a_model_without_blocks_is_refused() -> None:
    import torch

    with pytest.raises(SpecError, match="no blocks"):
        recompute_activations(torch.nn.Linear(2, 2))
