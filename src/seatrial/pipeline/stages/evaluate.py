"""evaluate: the trained model beside its opponents on validation → predictions and a report.

Writes `predictions.npz`: system `source` holds the trained model's logits on validation, every opponent holds its
probabilities on validation and test. The trained model does not see the test split here; only what would be released
does, in accept.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from seatrial.pipeline.stages.base import StageContext, write_report
from seatrial.spec.project import ProjectSpec
from seatrial.tasks import TASKS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["HELD_OUT", "PREDICTIONS", "Evaluate", "temperature_for"]

PREDICTIONS = "predictions.npz"
HELD_OUT = ("validation", "test")


def temperature_for(logits: NDArray[np.float32], targets: NDArray[np.float32]) -> float:
    """The temperature of a set of validation logits; one place, so that source and candidates are treated alike."""
    from seatrial.evaluate.temperature import fit_temperature

    return fit_temperature(logits, targets)


class Evaluate:
    """Measures the trained model beside its opponents, on the same examples."""

    name = "evaluate"
    inputs: tuple[str, ...] = ("prepare", "train")
    rooms: tuple[str, ...] = ("evaluate", "models", "tasks", "data/batches.py")
    packages: tuple[str, ...] = ("torch", "transformers", "tokenizers", "numpy", "scikit-learn", "vaderSentiment")

    def section(self, spec: ProjectSpec) -> dict[str, Any]:
        wanted = spec.model_dump(mode="json", include={"task", "seed", "evaluation"})
        return {**wanted, "max_length": spec.model.max_length, "where": [r.where for r in spec.requirements]}

    def sources(self, spec: ProjectSpec, root: Path) -> dict[str, str]:
        return {}

    def run(self, context: StageContext) -> bool:
        from seatrial.data.dataset import read_labels, read_split
        from seatrial.evaluate.evaluate import Predictions, evaluate
        from seatrial.evaluate.opponents import OPPONENTS
        from seatrial.models.encode import encode, load_tokenizer
        from seatrial.models.forward import torch_logits
        from seatrial.pipeline.predictions import write_predictions

        spec, dataset, model_folder = context.spec, context.inputs["prepare"].path, context.inputs["train"].path
        task = TASKS.get(spec.task, where="task")()
        labels = read_labels(dataset)
        splits = {split: read_split(dataset, split) for split in HELD_OUT}
        validation = splits["validation"]
        tokenizer = load_tokenizer(model_folder, spec.model.max_length)
        token_ids = encode(tokenizer, [task.text(example) for example in validation])
        logits = torch_logits(task.load_trained(model_folder), token_ids, progress=context.progress)
        predictions = {("source", "validation"): logits}
        train = read_split(dataset, "train")
        for place, name in enumerate(spec.evaluation.opponents):
            context.progress("opponents", place, len(spec.evaluation.opponents))
            opponent = OPPONENTS.get(name, where=f"evaluation.opponents.{place}")(train, labels, spec.seed)
            for split, examples in splits.items():
                predictions[name, split] = opponent.probabilities(examples).astype("float32")
        context.progress("opponents", len(spec.evaluation.opponents), len(spec.evaluation.opponents))
        write_predictions(context.out / PREDICTIONS, predictions)
        temperature = temperature_for(logits, task.targets(validation, labels, False))
        report = evaluate(
            Predictions(
                "validation",
                validation,
                task.probabilities(logits, temperature),
                task.probabilities(logits, 1.0),
                [len(ids) for ids in token_ids],
            ),
            {name: predictions[name, "validation"] for name in spec.evaluation.opponents},
            labels=labels,
            metrics=spec.evaluation.metrics or task.metrics,
            asked=[requirement.where for requirement in spec.requirements],
            temperature=temperature,
            resamples=spec.evaluation.resamples,
            confidence=spec.evaluation.confidence,
            seed=spec.seed,
            progress=context.progress,
        )
        write_report(context.out, report)
        return True
