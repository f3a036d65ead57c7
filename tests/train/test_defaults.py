from __future__ import annotations

import pytest

from seatrial.spec.training import TrainingSpec
from seatrial.train.defaults import settle


@pytest.mark.parametrize(
    ("texts", "items", "epochs", "patience"),
    [(40, 8, 10, 5), (1_700, 17, 5, 2), (16_000, 64, 3, 2), (1_000_000, 64, 3, 2)],
)
def test_small_data_gets_small_batches_and_more_passes(texts: int, items: int, epochs: int, patience: int) -> None:
    found = settle(TrainingSpec(batch_tokens=100_000), [20] * texts, rate=2e-4)
    assert (found.batch_items, found.epochs, found.patience) == (items, epochs, patience)


def test_what_is_written_stays() -> None:
    spec = TrainingSpec(batch_items=32, epochs=1, patience=7, learning_rate=3e-5)
    found = settle(spec, [20] * 50, rate=2e-4)
    assert (found.batch_items, found.epochs, found.patience, found.learning_rate) == (32, 1, 7, 3e-5)


def test_half_of_the_validations_are_waited_for() -> None:
    assert settle(TrainingSpec(epochs=10, validations_per_epoch=4), [20] * 50, rate=2e-4).patience == 20


def test_the_rate_falls_with_the_batch_and_never_rises() -> None:
    assert settle(TrainingSpec(batch_items=16), [20] * 50, rate=2e-4).learning_rate == pytest.approx(1e-4)
    assert settle(TrainingSpec(batch_items=64), [20] * 50, rate=2e-3).learning_rate == 2e-3
    assert settle(TrainingSpec(batch_items=256), [20] * 50, rate=2e-4).learning_rate == 2e-4
