"""When the loop steps, validates and stops, watched with a learner that computes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from seatrial.data.batches import token_budget_batches
from seatrial.train.defaults import settle
from seatrial.train.events import Event, Step, Validation
from seatrial.train.learner import Learner
from seatrial.train.loop import training_events
from seatrial.train.position import Position

from .toy import toy_spec

LENGTHS = [3, 9, 4, 4, 7, 12, 5, 3, 8, 6, 10, 11]


class Recorder:
    """Stands in for a Learner: remembers batches and rates, gives the scores it was told."""

    def __init__(self, scores: Sequence[float], *, lower_is_better: bool = False) -> None:
        self.objective = SimpleNamespace(
            metric="accuracy", lower_is_better=lower_is_better, lengths=LENGTHS, batches=batches_of
        )
        self.batches: list[list[int]] = []
        self.at_once: list[int] = []
        self.rates: list[float] = []
        self.scores = iter(scores)

    def learn(self, batches: Sequence[Sequence[int]], rate: float) -> tuple[float, float]:
        self.batches += map(list, batches)
        self.at_once.append(len(batches))
        self.rates.append(rate)
        return 0.5, 1.0

    def validate(self, *_: Any) -> tuple[float, Mapping[str, float]]:
        return 0.7, {"accuracy": next(self.scores)}


def batches_of(epoch: int, *, max_tokens: int, max_items: int) -> list[list[int]]:
    return token_budget_batches(LENGTHS, max_tokens=max_tokens, max_items=max_items, seed=3 + epoch)


def events_of(recorder: Recorder, position: Position | None = None, **settings: Any) -> list[Event]:
    spec = settle(toy_spec(**{"batch_tokens": 24, "batch_items": 4, **settings}), LENGTHS, rate=1e-3)
    return list(
        training_events(cast("Learner", recorder), spec, position or Position(), score=lambda outputs, examples: {})
    )


def test_every_text_is_learned_once_per_epoch_in_another_order() -> None:
    recorder = Recorder([0.1, 0.2])
    events_of(recorder, epochs=2)
    half = len(token_budget_batches(LENGTHS, max_tokens=24, max_items=4, seed=3))
    first, second = recorder.batches[:half], recorder.batches[half:]
    for epoch in (first, second):
        assert sorted(index for batch in epoch for index in batch) == list(range(len(LENGTHS)))
    assert first != second


def test_rates_are_positive_rise_and_fall_and_follow_the_plan_of_a_whole_run() -> None:
    recorder = Recorder([0.1] * 3)
    events_of(recorder, epochs=3, learning_rate=1.0, warmup=0.2)
    rates = recorder.rates
    peak = rates.index(max(rates))
    assert min(rates) > 0
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert rates[-1] < 0.1


@pytest.mark.parametrize("per_epoch", [1, 2, 3, 100])
def test_validations_are_spread_over_the_epoch_and_end_it(per_epoch: int) -> None:
    events = events_of(Recorder([0.1] * 400), epochs=2, validations_per_epoch=per_epoch, patience=1000)
    epochs = [event.epoch for event in events if isinstance(event, Validation)]
    steps = sum(isinstance(event, Step) for event in events)
    assert len(epochs) == 2 * min(per_epoch, steps // 2)
    assert {1.0, 2.0} <= set(epochs)
    assert epochs == sorted(set(epochs))
    assert isinstance(events[-1], Validation)


def test_patience_counts_validations_without_a_better_score() -> None:
    position = Position()
    events = events_of(Recorder([0.5, 0.4, 0.6, 0.6, float("nan"), 0.9]), position, epochs=9, patience=2)
    bests = [event.best for event in events if isinstance(event, Validation)]
    assert bests == [True, False, True, False, False]  # an equal score and NaN are not better
    assert (position.best_score, position.stopped) == (0.6, "no better accuracy in 2 validations")


def test_a_run_that_has_ended_does_nothing_more() -> None:
    position = Position()
    events_of(Recorder([0.1]), position, epochs=1)
    recorder = Recorder([])
    assert events_of(recorder, position, epochs=1) == []
    assert recorder.batches == []


@pytest.mark.parametrize("at", range(1, 12))
def test_a_run_left_after_any_record_goes_on_as_if_it_had_not_been(at: int) -> None:
    whole = events_of(Recorder([0.1, 0.3, 0.2, 0.4]), epochs=2, validations_per_epoch=2, patience=9)
    recorder, position = Recorder([0.1, 0.3, 0.2, 0.4]), Position()
    spec = settle(
        toy_spec(batch_tokens=24, batch_items=4, epochs=2, validations_per_epoch=2, patience=9), LENGTHS, rate=1e-3
    )
    records: list[Event] = []
    for limit in (at, 1000):
        events = training_events(cast("Learner", recorder), spec, position, score=lambda outputs, examples: {})
        for event in events:
            records.append(event)
            if len(records) == limit:
                break
    assert [(type(e), e.step, e.epoch) for e in records] == [(type(e), e.step, e.epoch) for e in whole]


def test_a_smaller_score_can_be_the_better_one() -> None:
    position = Position()
    events = events_of(Recorder([0.5, 0.6, 0.4, 0.4], lower_is_better=True), position, epochs=4, patience=9)
    assert [event.best for event in events if isinstance(event, Validation)] == [True, False, True, False]
    assert position.best_score == 0.4


@pytest.mark.parametrize("batches", [2, 3, 100])
def test_accumulated_batches_make_one_step_and_none_is_lost(batches: int) -> None:
    recorder = Recorder([0.1, 0.2])
    events = events_of(recorder, epochs=2, accumulate=batches)
    half = len(recorder.batches) // 2
    for epoch in (recorder.batches[:half], recorder.batches[half:]):
        assert sorted(index for batch in epoch for index in batch) == list(range(len(LENGTHS)))
    per_epoch = -(-half // batches)
    assert recorder.at_once == [*[batches] * (half // batches), *([half % batches] if half % batches else [])] * 2
    assert sum(isinstance(event, Step) for event in events) == 2 * per_epoch
    assert [event.texts for event in events if isinstance(event, Step)][-1] == 2 * len(LENGTHS)


@pytest.mark.parametrize("steps", [1, 3, 7, 20])
def test_a_number_of_steps_ends_a_run_validated_and_at_a_low_rate(steps: int) -> None:
    recorder, position = Recorder([0.1] * 50), Position()
    events = events_of(recorder, position, epochs=None, steps=steps, patience=99, learning_rate=1.0, warmup=0.0)
    assert sum(isinstance(event, Step) for event in events) == steps
    assert isinstance(events[-1], Validation)
    assert events[-1].step == steps
    assert recorder.rates[-1] == pytest.approx(0.5 / steps)
    assert position.stopped == "all steps done"
    assert events_of(Recorder([]), position, epochs=None, steps=steps) == []
