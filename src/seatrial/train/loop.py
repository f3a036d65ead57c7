"""The loop: epochs of batches and validations, as a generator of records. One loop for every task and every adapter.

Refuses to know files, bars and checkpoints: whoever consumes the records may do anything between two of them, and may
stop and go on later from the same `Position`.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence

from seatrial.data.batches import token_budget_batches
from seatrial.errors import TrainingError
from seatrial.progress import Progress, silent
from seatrial.train.defaults import SettledSpec
from seatrial.train.events import Event, Step, Validation
from seatrial.train.learner import Learner, Score, Split
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
    train: Split,
    validation: Split,
    score: Score,
    seed: int,
    progress: Progress = silent,
) -> Iterator[Event]:
    """Train from `position` to the end, yielding a record after each step and each validation.

    Between two records model, optimizer and position agree, so that a checkpoint taken there continues exactly. Batches
    and learning rates follow from seed and position alone.

    Args:
        learner: model and optimizer, at `position`.
        spec: epochs, batch sizes, rate, patience.
        position: where to start; moved forward in place.
        train: the split to learn from.
        validation: the split to score.
        score: probabilities and examples → metrics; the task's primary one decides, higher is better.
        seed: of the batches' order, one order per epoch.
        progress: hears ``"predict"`` while validating.

    Raises:
        TrainingError: a loss or gradient is not finite, or `score` lacks the primary metric.
    """
    lengths = [len(ids) for ids in train.token_ids]
    recent: deque[tuple[int, float]] = deque(maxlen=RATE_WINDOW)
    while position.epoch < spec.epochs and not position.stopped:
        batches = token_budget_batches(
            lengths, max_tokens=spec.batch_tokens, max_items=spec.batch_items, seed=seed + position.epoch
        )
        marks = _validation_marks(len(batches), spec.validations_per_epoch)
        while not position.stopped:
            if position.batch in marks and position.validated != position.step:
                epoch = position.epoch + position.batch / len(batches)
                loss, scores = learner.validate(validation, score, progress)
                yield _judged(
                    Validation(position.step, epoch, loss, scores), position, spec, learner.task.primary_metric
                )
                continue
            if position.batch == len(batches):
                break
            yield _step(learner, spec, position, train=train, batches=batches, recent=recent)
        if not position.stopped:
            position.epoch += 1
            position.batch = 0
    position.stopped = position.stopped or "all epochs done"


def _step(
    learner: Learner,
    spec: SettledSpec,
    position: Position,
    *,
    train: Split,
    batches: Sequence[Sequence[int]],
    recent: deque[tuple[int, float]],
) -> Step:
    start = time.perf_counter()
    batch = batches[position.batch]
    # The rate at the middle of the step: neither the first step nor the last is lost to a rate of zero.
    rate = learning_rate(
        spec.learning_rate, spec.warmup, (position.epoch + (position.batch + 0.5) / len(batches)) / spec.epochs
    )
    loss, norm = learner.learn(train, batch, rate)
    position.batch += 1
    position.step += 1
    position.texts += len(batch)
    recent.append((len(batch), time.perf_counter() - start))
    texts, seconds = map(sum, zip(*recent, strict=True))
    epoch = position.epoch + position.batch / len(batches)
    return Step(position.step, epoch, loss, rate, norm, texts / max(seconds, 1e-9), position.texts)


def _validation_marks(batches: int, per_epoch: int) -> set[int]:
    """Numbers of batches done after which to validate; always the whole epoch, evenly spaced before it."""
    return {max(1, round(batches * part / per_epoch)) for part in range(1, per_epoch + 1)}


def _judged(found: Validation, position: Position, spec: SettledSpec, metric: str) -> Validation:
    """Enter a validation into the position: best score, misses, early stop."""
    if metric not in found.scores:
        raise TrainingError(
            f"the validation gave no {metric}",
            where="evaluation.metrics",
            expected=f"{metric} among {', '.join(sorted(found.scores)) or 'no metrics'}",
        )
    value = found.scores[metric]
    best = position.best_score is None or value > position.best_score  # NaN is never better
    position.validated = position.step
    if best:
        position.best_score, position.best_step, position.misses = value, position.step, 0
    else:
        position.misses += 1
        if position.misses >= spec.patience:
            position.stopped = f"no better {metric} in {position.misses} validations"
    return Validation(found.step, found.epoch, found.loss, found.scores, best)
