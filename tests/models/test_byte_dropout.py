from __future__ import annotations

import pytest
import torch

from seatrial.models.byte_dropout import ByteDropout, use_byte_dropout


def test_the_share_is_right_and_the_mean_stays() -> None:
    torch.manual_seed(1)
    found = ByteDropout(0.1)(torch.ones(1000, 999))
    assert (found == 0).float().mean().item() == pytest.approx(26 / 256, abs=2e-3)
    assert found.mean().item() == pytest.approx(1.0, abs=2e-3)
    assert len(found.unique()) == 2


def test_every_element_has_its_own_chance() -> None:
    torch.manual_seed(1)
    dropout = ByteDropout(0.5)
    kept = torch.stack([dropout(torch.ones(32)) > 0 for _ in range(4000)]).float()
    assert (kept.mean(0) - 0.5).abs().max() < 0.04, "the same for each of the eight bytes of a draw"
    assert (torch.corrcoef(kept.T) - torch.eye(32)).abs().max() < 0.08


def test_the_gradient_is_the_mask() -> None:
    values = torch.randn(7, 5, requires_grad=True)
    out = ByteDropout(0.3)(values)
    out.sum().backward()  # type: ignore[no-untyped-call]
    assert values.grad is not None
    assert torch.equal(values.grad == 0, out == 0)


def test_it_does_nothing_in_evaluation_and_keeps_the_type() -> None:
    values = torch.randn(4, 4, dtype=torch.bfloat16)
    assert ByteDropout(0.5).eval()(values) is values
    assert ByteDropout(0.5)(values).dtype == torch.bfloat16
    assert ByteDropout(0.0)(values) is values


def test_the_generator_decides() -> None:
    torch.manual_seed(3)
    state = torch.get_rng_state()
    first = ByteDropout(0.5)(torch.ones(100))
    torch.set_rng_state(state)
    assert torch.equal(ByteDropout(0.5)(torch.ones(100)), first)
    assert not torch.equal(ByteDropout(0.5)(torch.ones(100)), first)


def test_every_dropout_of_a_model_is_replaced() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Sequential(torch.nn.Dropout(0.25))).eval()
    use_byte_dropout(model)
    assert not any(type(module) is torch.nn.Dropout for module in model.modules())
    assert isinstance(model[1][0], ByteDropout)
    assert model[1][0].p == 0.25, "attention code reads it"
    assert not model[1][0].training


@pytest.mark.parametrize("p", [-0.1, 1.0])
def test_an_impossible_probability_is_refused(p: float) -> None:
    with pytest.raises(ValueError, match="0"):
        ByteDropout(p)
