"""One step follows the loss; accumulated batches give the gradient of one large batch; NaN stops before the update."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import pytest

from seatrial.errors import TrainingError
from seatrial.tasks.objective import Objective
from seatrial.train.distributed.alone import Alone
from seatrial.train.learner import Learner

if TYPE_CHECKING:
    import torch

POINTS = [(1.0, 2.0), (2.0, 3.0), (-1.0, 0.5), (0.5, -2.0), (3.0, 1.0)]


class Line:
    """Least squares on a line through the origin: items are points, the loss their mean squared error."""

    def loss(self, model: torch.nn.Module, batch: Sequence[int], device: Any) -> torch.Tensor:
        import torch

        x, y = torch.tensor([POINTS[i] for i in batch]).T
        return cast("torch.Tensor", ((model(x[:, None])[:, 0] - y) ** 2).mean())

    def weight(self, batch: Sequence[int]) -> float:
        return float(len(batch))

    def validate(self, *_: Any) -> tuple[float, Mapping[str, float]]:
        return 0.25, {"error": 1.0}


class PlainAccelerator:
    """An accelerator that adds nothing."""

    device = "cpu"

    def prepare(self, *parts: Any) -> tuple[Any, ...]:
        return parts

    def backward(self, loss: torch.Tensor) -> None:
        loss.backward()  # type: ignore[no-untyped-call]

    def clip_grad_norm_(self, parameters: Sequence[torch.Tensor], most: float) -> torch.Tensor:
        import torch

        return torch.nn.utils.clip_grad_norm_(parameters, most)


def learner(start: float = 0.3) -> Learner:
    import torch

    model = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(model.weight, start)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    accelerator: Any = PlainAccelerator()
    alone = Alone()
    alone.prepare(model, lambda _: optimizer, accelerator)
    return Learner(model, optimizer, accelerator, cast("Objective", Line()), max_grad_norm=100.0, strategy=alone)


def slope(one: Learner) -> float:
    return float(next(one.model.parameters()).detach())


def test_accumulated_batches_give_the_step_of_one_large_batch() -> None:
    whole, parts = learner(), learner()
    loss, norm = whole.learn([[0, 1, 2, 3, 4]], 0.01)
    assert parts.learn([[0, 1, 2], [3], [4]], 0.01) == pytest.approx((loss, norm), rel=1e-6)
    assert slope(parts) == pytest.approx(slope(whole), rel=1e-6)
    assert slope(whole) != pytest.approx(0.3)


def test_a_step_goes_down_and_leaves_no_gradient_behind() -> None:
    one = learner()
    losses = [one.learn([[0, 1, 2, 3, 4]], 0.05)[0] for _ in range(5)]
    assert losses == sorted(losses, reverse=True)
    assert all(parameter.grad is None for parameter in one.model.parameters())


def test_a_loss_that_is_not_finite_changes_nothing_and_is_explained() -> None:
    one = learner(float("nan"))
    with pytest.raises(TrainingError, match="the loss is nan") as caught:
        one.learn([[0, 1]], 0.01)
    assert "learning_rate" in str(caught.value)


def test_it_validates_through_its_objective() -> None:
    assert learner().validate(lambda outputs, examples: {}, lambda *_: None) == (0.25, {"error": 1.0})
