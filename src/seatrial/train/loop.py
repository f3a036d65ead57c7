"""The loop: epochs of steps and validations, as a generator of records. One loop for every objective and every adapter.

Refuses to know files, bars and checkpoints: whoever consumes the records may do anything between two of them, and may
stop and go on later from the same `Position`.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence

from seatrial.errors import TrainingError
from seatrial.progress import Progress, silent
from seatrial.tasks.objective import Score
from seatrial.train.defaults import SettledSpec
from seatrial.train.events import Event, Step, Validation
from seatrial.train.learner import Learner
from seatrial.train.optimizer import learning_rate
from seatrial.train.position import Position

__all__ = ["training_events"]

RATE_WINDOW = 20
"""Steps behind the figure `texts_per_s`."""


def training_events(
    learner: Learner,
    spec: SettledSpec,
    position: Position,
    *,
    score: Score,
    progress: Progress = silent,
) -> Iterator[Event]:
    """Train from `position` to the end, yielding a record after each step and each validation.

    Between two records model, optimizer and position agree, so that a checkpoint taken there continues exactly. Batches
    and learning rates follow from the objective and position alone.

    Args:
        learner: model, optimizer and objective, at `position`.
        spec: epochs or steps, batch sizes, rate, patience.
        position: where to start; moved forward in place.
        score: outputs and examples → metrics; the objective's own one decides.
        progress: hears ``"predict"`` while validating.

    Raises:
        TrainingError: a loss or gradient is not finite, or `score` lacks the objective's metric.
    """
    recent: deque[tuple[int, float]] = deque(maxlen=RATE_WINDOW)
    while position.epoch < spec.epochs and not position.stopped:
        steps = _steps(learner, spec, position.epoch)
        marks = _validation_marks(len(steps), spec.validations_per_epoch)
        while not position.stopped:
            done = spec.steps is not None and position.step >= spec.steps
            if (position.batch in marks or done) and position.validated != position.step:
                epoch = position.epoch + position.batch / len(steps)
                loss, scores = learner.validate(score, progress)
                yield _judged(Validation(position.step, epoch, loss, scores), position, spec, learner)
                continue
            if done:
                position.stopped = "all steps done"
            if done or position.batch == len(steps):
                break
            yield _step(learner, spec, position, steps=steps, recent=recent)
        if not position.stopped:
            position.epoch += 1
            position.batch = 0
    position.stopped = position.stopped or "all epochs done"


def _steps(learner: Learner, spec: SettledSpec, epoch: int) -> list[Sequence[Sequence[int]]]:
    """The batches of an epoch, by the optimizer step that learns from them."""
    batches = learner.objective.batches(epoch, max_tokens=spec.batch_tokens, max_items=spec.batch_items)
    return [batches[start : start + spec.accumulate] for start in range(0, len(batches), spec.accumulate)]


def _step(
    learner: Learner,
    spec: SettledSpec,
    position: Position,
    *,
    steps: Sequence[Sequence[Sequence[int]]],
    recent: deque[tuple[int, float]],
) -> Step:
    start = time.perf_counter()
    batches = steps[position.batch]
    # The rate at the middle of the step: neither the first step nor the last is lost to a rate of zero.
    done = (position.epoch + (position.batch + 0.5) / len(steps)) / spec.epochs
    if spec.steps is not None:
        done = max(done, (position.step + 0.5) / spec.steps)
    rate = learning_rate(spec.learning_rate, spec.warmup, done)
    loss, norm = learner.learn(batches, rate)
    items = sum(map(len, batches))
    position.batch += 1
    position.step += 1
    position.texts += items
    recent.append((items, time.perf_counter() - start))
    texts, seconds = map(sum, zip(*recent, strict=True))
    epoch = position.epoch + position.batch / len(steps)
    return Step(position.step, epoch, loss, rate, norm, texts / max(seconds, 1e-9), position.texts)


def _validation_marks(steps: int, per_epoch: int) -> set[int]:
    """Numbers of steps done after which to validate; always the whole epoch, evenly spaced before it."""
    return {max(1, round(steps * part / per_epoch)) for part in range(1, per_epoch + 1)}


def _judged(found: Validation, position: Position, spec: SettledSpec, learner: Learner) -> Validation:
    """Enter a validation into the position: best score, misses, early stop."""
    metric = learner.objective.metric
    if metric not in found.scores:
        raise TrainingError(
            f"the validation gave no {metric}",
            where="evaluation.metrics",
            expected=f"{metric} among {', '.join(sorted(found.scores)) or 'no metrics'}",
        )
    value, before = found.scores[metric], position.best_score
    best = before is None or (value < before if learner.objective.lower_is_better else value > before)
    position.validated = position.step
    if best:  # NaN is never better
        position.best_score, position.best_step, position.misses = value, position.step, 0
    else:
        position.misses += 1
        if position.misses >= spec.patience:
            position.stopped = f"no better {metric} in {position.misses} validations"
    return Validation(found.step, found.epoch, found.loss, found.scores, best)
