"""evaluate: the trained model beside its opponents on validation → predictions and a report.

Writes `predictions.npz`: system `source` holds the trained model's raw outputs on validation, and on the `known`
training examples where the task looks things up in some; every opponent holds its probabilities on validation and test.
Where the task judges a model beside the one that training starts from, `start` holds the rows of that one.
The trained model does not see the test split here; only what would be released does, in accept. Where figures want it,
`answers.json` holds what the trained model wrote for validation, and such opponents for both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seatrial.pipeline.answers import ANSWERS, Answering, write_answers
from seatrial.pipeline.label_scores import LabelScores, metrics_for, opponents_for
from seatrial.pipeline.release_opponent import ReleaseOpponent, open_rival, rival_digests
from seatrial.pipeline.stages.base import StageContext, write_report
from seatrial.records import Example, Report
from seatrial.spec.project import ProjectSpec
from seatrial.tasks import TASKS, Task

if TYPE_CHECKING:
    from seatrial.evaluate.opponents import Opponent

__all__ = ["HELD_OUT", "KNOWN", "PREDICTIONS", "Evaluate"]

PREDICTIONS = "predictions.npz"
HELD_OUT = ("validation", "test")
KNOWN = "known"
"""Stands where a split's name does, for the training examples that the task looks things up in."""


class Evaluate:
    """Measures the trained model beside its opponents, on the same examples."""

    name = "evaluate"
    inputs: tuple[str, ...] = ("prepare", "train")
    rooms: tuple[str, ...] = (
        "evaluate",
        "models",
        "tokenize/load.py",
        "tasks",
        "data/batches.py",
        *("pipeline/label_scores.py", "pipeline/answers.py", "pipeline/release_opponent.py"),
        "pipeline/beside_base.py",
        *("generate", "export/decoder_graph.py", "export/decoder_weights.py"),
        "pipeline/start.py",
    )
    packages: tuple[str, ...] = ("torch", "transformers", "tokenizers", "numpy", "scikit-learn", "vaderSentiment")

    def section(self, spec: ProjectSpec) -> dict[str, Any]:
        wanted = spec.model_dump(mode="json", include={"task", "seed", "evaluation"})
        asked = {"where": [r.where for r in spec.requirements], "asked": [r.metric for r in spec.requirements]}
        return {**wanted, "max_length": spec.model.max_length, **asked}

    def sources(self, spec: ProjectSpec, root: Path) -> dict[str, str]:
        # The model before training, which an opponent may ask, is among the sources of train.
        return rival_digests(spec.evaluation.releases, root)

    def run(self, context: StageContext) -> bool:
        from seatrial.data.dataset import read_labels, read_split
        from seatrial.evaluate.evaluate import evaluate
        from seatrial.pipeline.beside_base import beside_base, said_at_start
        from seatrial.pipeline.predictions import write_predictions

        spec, dataset, model_folder = context.spec, context.inputs["prepare"].path, context.inputs["train"].path
        task = TASKS.get(spec.task, where="task")()
        labels = read_labels(dataset)
        splits = {split: read_split(dataset, split) for split in HELD_OUT}
        validation, train = splits["validation"], read_split(dataset, "train")
        predictions = said_at_start(context, task, train, splits)
        tokenizer = task.load_tokenizer(model_folder, spec.model.max_length)
        model, known = task.load_trained(model_folder), task.known(train)
        reading = task.reading(tokenizer, validation)
        logits = task.rows(model, tokenizer, validation, reading, context.progress)
        logits = predictions["source", "validation"] = beside_base(task, logits, predictions, "validation")
        if known:
            its = task.reading(tokenizer, known)
            predictions["source", KNOWN] = task.rows(model, tokenizer, known, its, context.progress)
        opponents = opponents_for(spec, task, labels)
        for place, name in enumerate(opponents):
            context.progress("opponents", place, len(opponents))
            opponent = _opponent((place, name), context, task, train, labels)
            for split, examples in splits.items():
                predictions[name, split] = opponent.probabilities(examples).astype("float32")
        context.progress("opponents", len(opponents), len(opponents))
        write_predictions(context.out / PREDICTIONS, predictions)
        if not task.measurable(labels):
            write_report(context.out, Report(self.name))
            return True
        reader = LabelScores.of(
            task,
            labels,
            validation=validation,
            reading=reading,
            logits=logits,
            known=known,
            known_logits=predictions.get(("source", KNOWN)),
        )
        report = evaluate(
            reader.predictions("validation", validation, reading, logits),
            {name: predictions[name, "validation"] for name in opponents},
            labels=labels,
            metrics=metrics_for(spec, task, labels),
            judged_on=task.judged_on,
            asked=[requirement.where for requirement in spec.requirements],
            temperature=reader.temperature,
            resamples=spec.evaluation.resamples,
            confidence=spec.evaluation.confidence,
            seed=spec.seed,
            progress=context.progress,
        )
        answering = Answering.of(spec, task, tokenizer)
        if answering:
            report = _with_answers(report, answering, context, {**splits, "train": train})
        write_report(context.out, report)
        return True


def _opponent(
    numbered: tuple[int, str], context: StageContext, task: Task, train: Sequence[Example], labels: Sequence[str]
) -> Opponent | ReleaseOpponent:
    """An opponent that is ready to answer: another release, or a registered one that has learned what it learns."""
    from seatrial.evaluate.opponents import OPPONENTS, AsksStart, Start
    from seatrial.pipeline.start import starting_model

    (place, name), spec = numbered, context.spec
    if name in spec.evaluation.releases:
        return open_rival(spec.evaluation.releases[name], context.project.root, task, labels)
    opponent = OPPONENTS.get(name, where=f"evaluation.opponents.{place}")(train, labels, spec.seed)
    if isinstance(opponent, AsksStart):
        folder = starting_model(context, task, train)
        opponent.start_from(Start(task, folder, spec.model.max_length, context.progress))
    return opponent


def _with_answers(
    report: Report, answering: Answering, context: StageContext, splits: Mapping[str, Sequence[Example]]
) -> Report:
    """What the trained model writes on validation, beside opponents that ask the model before training."""
    from seatrial.evaluate.opponents import OPPONENTS
    from seatrial.pipeline.start import starting_model

    own = {"validation": answering.write(context.inputs["train"].path, splits["validation"], context.progress)}
    written: dict[str, dict[str, list[str]]] = {"source": own}
    for name in opponents_for(context.spec, answering.task, ()):
        if hasattr(OPPONENTS.get(name), "start_from"):
            folder = starting_model(context, answering.task, splits["train"])
            written[name] = {split: answering.write(folder, splits[split], context.progress) for split in HELD_OUT}
    write_answers(context.out / ANSWERS, written)
    return answering.added_to(report, "validation", splits, own, written)
