"""The rate rises and falls as promised; norms and biases do not decay."""

from __future__ import annotations

import pytest
import torch

from seatrial.train.optimizer import build_optimizer, learning_rate

from .toy import toy_spec


def test_the_rate_rises_to_its_peak_and_falls_to_zero() -> None:
    assert learning_rate(2.0, 0.1, 0.05) == pytest.approx(1.0)
    assert learning_rate(2.0, 0.1, 0.1) == pytest.approx(2.0)
    assert learning_rate(2.0, 0.1, 0.55) == pytest.approx(1.0)
    assert learning_rate(2.0, 0.1, 1.0) == 0.0


def test_without_warm_up_it_starts_at_the_peak() -> None:
    assert learning_rate(2.0, 0.0, 0.0) == 2.0


def test_only_matrices_decay_and_frozen_weights_are_left_out() -> None:
    model = torch.nn.Sequential(torch.nn.Embedding(5, 4), torch.nn.LayerNorm(4), torch.nn.Linear(4, 2))
    model[0].requires_grad_(False)
    decayed, plain = build_optimizer(model, toy_spec(weight_decay=0.3)).param_groups
    assert (decayed["weight_decay"], plain["weight_decay"]) == (0.3, 0.0)
    assert [tuple(p.shape) for p in decayed["params"]] == [(2, 4)]
    assert [tuple(p.shape) for p in plain["params"]] == [(4,), (4,), (2,)]
