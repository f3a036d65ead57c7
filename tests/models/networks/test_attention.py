"""Both forms of attention are the equation, in values and in gradients."""

from __future__ import annotations

import math

import pytest
import torch

from seatrial.models.networks import masks
from seatrial.models.networks.attention import attend

from .toy import max_difference

B, H, T, S, D = 2, 4, 5, 7, 6


def inputs(heads: int = H, keys: int = S) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    query = torch.randn(B, H, T, D, requires_grad=True)
    key = torch.randn(B, heads, keys, D, requires_grad=True)
    value = torch.randn(B, heads, keys, D, requires_grad=True)
    return query, key, value


def random_mask() -> torch.Tensor:
    allowed = torch.rand(B, T, S) < 0.6
    allowed[:, :, 0] = True
    mask = masks.additive(allowed, torch.randn(1, H, T, S), dtype=torch.float32)
    assert mask is not None
    return mask


def by_hand(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    """One number at a time."""
    query, key, value = (tensor.detach() for tensor in (query, key, value))
    found = torch.zeros(B, H, T, D)
    for b in range(B):
        for h in range(H):
            for t in range(T):
                weights = [math.exp(float(query[b, h, t] @ key[b, h, s]) / math.sqrt(D)) for s in range(S)]
                for s in range(S):
                    found[b, h, t] += weights[s] / sum(weights) * value[b, h, s]
    return found


@pytest.mark.parametrize("implementation", ["fused", "explicit"])
def test_the_equation_one_number_at_a_time(implementation: str) -> None:
    query, key, value = inputs()
    found = attend(query, key, value, implementation=implementation)  # type: ignore[arg-type]
    assert max_difference(found, by_hand(query, key, value)) < 1e-5


@pytest.mark.parametrize(
    ("heads", "keys", "settings"),
    [
        (H, S, {}),
        (2, S, {}),
        (1, S, {"scale": 1.0}),
        (H, T, {"causal": True}),
        (2, T, {"causal": True, "scale": 0.3}),
        (H, S, {"mask": True}),
        (2, S, {"mask": True}),
    ],
)
def test_both_forms_agree_and_so_do_their_gradients(heads: int, keys: int, settings: dict[str, object]) -> None:
    query, key, value = inputs(heads, keys)
    mask = random_mask() if settings.pop("mask", False) else None
    downstream = torch.randn(B, H, T, D)
    found, gradients = [], []
    for implementation in ("fused", "explicit"):
        y = attend(query, key, value, mask_BHTS=mask, implementation=implementation, **settings)  # type: ignore[arg-type]
        found.append(y)
        gradients.append(torch.autograd.grad((y * downstream).sum(), (query, key, value)))
    assert max_difference(*found) < 1e-5
    for fused, explicit in zip(*gradients, strict=True):
        assert max_difference(fused, explicit) < 1e-5


def test_a_query_that_may_see_nothing_gives_numbers() -> None:
    query, key, value = inputs()
    mask = masks.additive(torch.zeros(1, T, S, dtype=torch.bool), dtype=torch.float32)
    for implementation in ("fused", "explicit"):
        found = attend(query, key, value, mask_BHTS=mask, implementation=implementation)  # type: ignore[arg-type]
        assert bool(found.isfinite().all())


def test_dropout_drops_weights_and_keeps_their_mean() -> None:
    query, key, _ = inputs()
    value = torch.ones(B, H, S, D)
    found = torch.stack(
        [attend(query, key, value, dropout=0.5, implementation="explicit").detach() for _ in range(200)]
    )
    assert float(found.std()) > 0.1
    assert abs(float(found.mean()) - 1) < 0.05
