"""Fine-tune a model: the stage's one function. Refuses to know where data come from and how a score is computed."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seatrial.errors import DataError, MissingExtraError, SpecError, TrainingError
from seatrial.progress import Progress
from seatrial.records import Example, Report
from seatrial.spec.training import ModelSpec, TrainingSpec
from seatrial.tasks.base import Learns
from seatrial.tasks.objective import Lesson, Objective, Refers, Score
from seatrial.train.adapters import ADAPTERS
from seatrial.train.adapters.base import parameter_counts
from seatrial.train.callbacks import Callback
from seatrial.train.callbacks.bar import Bar
from seatrial.train.callbacks.history import History, read_history
from seatrial.train.callbacks.tensorboard import TensorBoard
from seatrial.train.checkpoint import Checkpoints
from seatrial.train.defaults import SettledSpec, settle
from seatrial.train.distributed import ALONE, STRATEGIES, Strategy
from seatrial.train.distributed.division import check_shares
from seatrial.train.distributed.lost import lost_explained
from seatrial.train.distributed.processes import ONE, Processes
from seatrial.train.events import Validation
from seatrial.train.fingerprint import run_fingerprint
from seatrial.train.learner import Learner
from seatrial.train.limits import check_length
from seatrial.train.loop import training_events
from seatrial.train.optimizer import build_optimizer
from seatrial.train.position import Position
from seatrial.train.recompute import recompute_activations
from seatrial.train.reference import refer_to_start
from seatrial.train.rng import seed_all
from seatrial.train.runtime import compute
from seatrial.train.saving import save_model
from seatrial.train.summary import summary

if TYPE_CHECKING:
    import torch
    from accelerate import Accelerator

__all__ = ["fit"]

HISTORY, TENSORBOARD, CHECKPOINTS = "history.jsonl", "tensorboard", "checkpoints"
ADAPTER, REFERENCE = "adapter", "reference"
SEEDS = 2**32
"""How many seeds numpy has."""


def fit(
    spec: TrainingSpec,
    model_spec: ModelSpec,
    *,
    task: Learns,
    base: Path,
    labels: Sequence[str],
    train: Sequence[Example],
    validation: Sequence[Example],
    score: Score,
    seed: int,
    out: Path,
    work: Path,
    progress: Progress,
    processes: Processes = ONE,
) -> Report | None:
    """Fine-tune the model in `base` and write the weights of its best validation to `out`.

    A run that was killed, at any moment, goes on from the newest checkpoint in `work` when it is called again with the
    same arguments, and gives the same weights to the last bit. The global random generators are seeded.

    Several processes call it with the same arguments, where `base` and `work` lie for all of them. They take the steps
    that one would take; the first one writes and hears progress.

    Args:
        spec: how to train.
        model_spec: longest input and dropout.
        task: the model and the objective.
        base: the pretrained model's folder, as `reference.resolve_model` gives it.
        labels: label names in order.
        train: examples to learn from.
        validation: examples to stop and choose by.
        score: outputs, one array per text, and their examples → metrics, `task.primary_metric` among them.
        seed: of the head, dropout, the order of the batches, and what the objective draws.
        out: gets the model, the tokenizer, `history.jsonl`, `tensorboard/` and, of a language model that learned by
            low-rank updates, `adapter/` with these alone.
        work: kept between starts of the same run; gets checkpoints.
        progress: hears ``"train"``, in texts, and ``"predict"``.
        processes: which one this is among those that train together.

    Returns:
        The report; None in all processes but the first.

    Raises:
        TrainingError: a loss that is not finite, or no memory.
        LostProcessError: another process ended.
        DataError: a split is empty.
        SpecError: a device that is not there, texts longer than the model reads, or batches too small for the
            processes.
        MissingExtraError: torch or accelerate is not installed.
        ArtifactError: no space for a checkpoint.
    """
    if not (find_spec("torch") and find_spec("accelerate")):
        raise MissingExtraError("training", "train")
    tokenizer = task.load_tokenizer(base, model_spec.max_length)
    _check_splits(train, validation)
    objective = task.objective(Lesson(tokenizer, train, validation, labels, spec, model_spec, seed))
    adapt = ADAPTERS.get(spec.adapt, where="training.adapt")
    share = objective.rate_share if isinstance(objective, Refers) else 1.0
    settled = settle(spec, objective.lengths, rate=adapt.learning_rate * share)
    fingerprint = run_fingerprint(
        settled, model_spec, task=task.name, base=base, labels=labels, data=objective.digest, seed=seed
    )
    strategy = _strategy(settled, objective, processes)
    adapter = adapt(settled)

    def load() -> torch.nn.Module:
        seed_all(seed)
        plain = task.load_model(base, labels, model_spec.dropout)
        check_length(plain, model_spec.max_length)
        if settled.gradient_checkpointing:
            recompute_activations(plain)
        return adapter.prepare(plain, new_head=task.new_head)

    with compute(settled, processes) as accelerator, lost_explained(processes):
        learner = _learner(load(), objective, settled, accelerator, strategy)
        if not processes.first:  # the weights were the same; what dropout drops is not
            seed_all((seed + processes.rank) % SEEDS)
        learnt, total = parameter_counts(learner.model)
        if isinstance(objective, Refers):
            refer_to_start(objective, strategy, work / REFERENCE, fingerprint, progress=progress)
        checkpoints = Checkpoints(work / CHECKPOINTS, fingerprint, strategy)
        position = _train(learner, settled, checkpoints, score=score, work=work, progress=progress)
        if not processes.first:
            return None
        network, bare = strategy.whole(learner.model, load)
        checkpoints.load_best(position, network, always=bare)
        facts = {**_where(accelerator, settled, processes), "trainable_parameters": learnt, "parameters": total}
        adapter.keep(network, out / ADAPTER, base=None if model_spec.network else model_spec.base)
        save_model(adapter.finish(network), tokenizer, base=base, max_length=model_spec.max_length, out=out)
    shutil.copyfile(work / HISTORY, out / HISTORY)
    shutil.copytree(work / TENSORBOARD, out / TENSORBOARD, dirs_exist_ok=True)
    steps, validations = read_history(out / HISTORY)
    return summary(settled, model_spec, steps=steps, validations=validations, position=position, facts=facts)


def _check_splits(train: Sequence[Example], validation: Sequence[Example]) -> None:
    for name, examples in (("train", train), ("validation", validation)):
        if not examples:
            raise DataError(f"the {name} split is empty", where="data.split", hint="add examples, or change the shares")


def _where(accelerator: Accelerator, spec: SettledSpec, processes: Processes) -> dict[str, Any]:
    """What the report tells of the machine's part in a run."""
    precision = "bf16" if accelerator.mixed_precision == "bf16" else "fp32"
    if not processes.several:
        return {"device": str(accelerator.device), "precision": precision}
    shared = {"processes": processes.count, "strategy": spec.distributed}
    return {"device": accelerator.device.type, "precision": precision, **shared}


def _strategy(spec: SettledSpec, objective: Objective, processes: Processes) -> Strategy:
    """How the processes share the work, after a look at whether they can."""
    if processes.several:
        check_shares(objective.batches(0, max_tokens=spec.batch_tokens, max_items=spec.batch_items), processes)
    elif spec.distributed != TrainingSpec().distributed:
        raise SpecError(
            f"{spec.distributed} divides a model among processes, and this is the only one",
            where="training.distributed",
            hint="start it with torchrun --nproc-per-node N -m seatrial run PROJECT, or leave this line out",
        )
    return STRATEGIES.get(spec.distributed if processes.several else ALONE)(processes)


def _learner(
    model: torch.nn.Module, objective: Objective, spec: SettledSpec, accelerator: Accelerator, strategy: Strategy
) -> Learner:
    from seatrial.models.byte_dropout import use_byte_dropout

    if accelerator.device.type == "cpu":
        use_byte_dropout(model)
    prepared, optimizer = strategy.prepare(model, lambda network: build_optimizer(network, spec), accelerator)
    return Learner(prepared, optimizer, accelerator, objective, spec.max_grad_norm, strategy)


def _train(
    learner: Learner,
    spec: SettledSpec,
    checkpoints: Checkpoints,
    *,
    score: Score,
    work: Path,
    progress: Progress,
) -> Position:
    """Run the loop from the newest checkpoint, if there is one, to its end."""
    position = checkpoints.resume(learner.model, learner.optimizer)
    first = learner.strategy.processes.first
    if position.step == 0 and first:  # what a run with other settings left here would mix with this one's curves
        shutil.rmtree(work / TENSORBOARD, ignore_errors=True)
        (work / HISTORY).unlink(missing_ok=True)
    batches = learner.objective.batches(0, max_tokens=spec.batch_tokens, max_items=spec.batch_items)
    texts = spec.epochs * sum(map(len, batches))
    if spec.steps is not None:
        texts = min(texts, spec.steps * spec.accumulate * spec.batch_items)
    started, saved = time.monotonic() - position.seconds, time.monotonic()
    with ExitStack() as stack:
        callbacks: list[Callback] = []
        if first:
            callbacks = [
                stack.enter_context(closing(History(work / HISTORY, position))),
                stack.enter_context(closing(TensorBoard(work / TENSORBOARD, position))),
                stack.enter_context(closing(Bar(progress, texts))),
            ]
        stack.enter_context(_memory_explained(spec))
        for event in training_events(learner, spec, position, score=score, progress=progress):
            position.seconds = time.monotonic() - started
            for callback in callbacks:
                callback(event)
            due = isinstance(event, Validation) or time.monotonic() - saved >= spec.checkpoint_seconds
            if learner.strategy.agree(due):  # by the first one's clock
                checkpoints.save(position, learner.model, learner.optimizer)
                saved = time.monotonic()
    return position


@contextmanager
def _memory_explained(spec: TrainingSpec) -> Iterator[None]:
    """Turns torch's allocation failures, which differ by device, into one message."""
    try:
        yield
    except RuntimeError as error:
        if "out of memory" not in str(error) and "can't allocate memory" not in str(error):
            raise
        raise TrainingError(
            "there is not enough memory for a batch",
            where="training.batch_tokens",
            hint=f"lower training.batch_tokens (now {spec.batch_tokens}); a finished checkpoint is kept",
        ) from error
