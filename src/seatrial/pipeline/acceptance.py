"""One run of accept: the data that every candidate is judged on, and the steps for a network that a service runs.

`pipeline.network_acceptance` does the same for a network that is judged as it is. Refuses to know: in which order
candidates are tried and which one wins; that is `pipeline.contenders`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seatrial.pipeline.answers import ANSWERS, Answering, Written, read_answers
from seatrial.pipeline.contenders import Contender, in_order
from seatrial.pipeline.figures import CandidateFigures, SplitData
from seatrial.pipeline.judgement import Judgement
from seatrial.pipeline.label_scores import LabelScores, metrics_for, opponents_for
from seatrial.pipeline.ledger import SplitUse, record_test_use, uses_of_test
from seatrial.pipeline.stages.base import StageContext
from seatrial.pipeline.stages.compress import CANDIDATES
from seatrial.pipeline.stages.evaluate import HELD_OUT, KNOWN, PREDICTIONS
from seatrial.pipeline.training_figures import training_figures
from seatrial.records import Candidate, Example, Measurement, Report, Requirement, Verdict
from seatrial.tasks import TASKS, Task

__all__ = ["STAGE", "Acceptance", "candidate_names"]

STAGE = "accept"
TRIED = "tried"
"""Where candidates lie while they are tried: inside the stage's own temporary folder, so that none outlives a kill."""


def candidate_names(context: StageContext) -> list[str]:
    """The candidates that `compress` made, in order."""
    file = context.inputs["compress"].path / CANDIDATES
    names: list[str] = json.loads(file.read_text(encoding="utf-8"))
    return names


class Acceptance:
    """One run of accept: the data every candidate is judged on, and the steps."""

    def __init__(self, context: StageContext) -> None:
        from seatrial.data.dataset import read_labels, read_split
        from seatrial.pipeline.predictions import read_predictions

        self.context, self.spec = context, context.spec
        self.task: Task = TASKS.get(self.spec.task, where="task")()
        dataset = context.inputs["prepare"].path
        self.labels = read_labels(dataset)
        self.test_split: str = context.inputs["prepare"].manifest["files"]["test.jsonl"]
        self.said = read_predictions(context.inputs["evaluate"].path / PREDICTIONS)
        opponents = opponents_for(self.spec, self.task, self.labels)
        self.splits = {}
        for split in HELD_OUT:
            examples = read_split(dataset, split)
            truth = self.task.truth(examples, self.labels) if self.task.measurable(self.labels) else None
            self.splits[split] = SplitData(examples, truth, {name: self.said[name, split] for name in opponents})
        self.known = self.task.known(read_split(dataset, "train"))
        self.readers: dict[str, LabelScores] = {}
        self.tokenizer = self.task.load_tokenizer(context.inputs["train"].path, self.spec.model.max_length)
        self.readings = {split: self.task.reading(self.tokenizer, data.examples) for split, data in self.splits.items()}
        self.source = self._joined("validation", self.said["source", "validation"])
        self.answering = Answering.of(self.spec, self.task, self.tokenizer)
        self.written: Written = {}
        self.wrote: dict[tuple[str, str], Sequence[str]] = {}
        if self.answering:
            self.written = read_answers(context.inputs["evaluate"].path / ANSWERS)
            for split, data in self.splits.items():
                beside = self.answering.beside(data.examples, self.written, split)
                self.splits[split] = replace(data, answers=beside)

    def contenders(self) -> list[Contender]:
        """Every candidate as a release that was served on this machine, in the order in which they are tried."""
        from seatrial.pipeline.predictions import read_predictions

        names = candidate_names(self.context)
        logits = read_predictions(self.context.inputs["compress"].path / PREDICTIONS)
        contenders = []
        for place, name in enumerate(names):
            self.context.progress("accept", place, len(names))
            self.readers[name] = LabelScores.of(
                self.task,
                self.labels,
                validation=self.splits["validation"].examples,
                reading=self.readings["validation"],
                logits=logits[name, "validation"],
                known=self.known,
                known_logits=logits.get((name, KNOWN)),
            )
            contenders.append(self._contender(name, logits[name, "validation"]))
        self.context.progress("accept", len(names), len(names))
        return in_order(contenders)

    def judgement(
        self, contenders: Sequence[Contender], shown: Contender, requirements: Sequence[Requirement]
    ) -> Judgement:
        """Everything that was found out, for the record."""
        assert shown.verdict is not None
        rows = [{"candidate": c.name, **c.latency} for c in contenders if c.latency]
        return Judgement(
            verdict=shown.verdict,
            candidates=tuple(self._candidate(c, chosen=c is shown and shown.verdict.accepted) for c in contenders),
            evaluation=self._evaluation(shown, requirements),
            service=Report(STAGE, tables={"latency": rows} if rows else {}),
            test_uses=len(uses_of_test(self.context.project.store, self.test_split)),
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            dimensions=self.source[0].shape[-1] if self.task.exported and not self.task.per_label else None,
        )

    def _contender(self, name: str, logits: NDArray[np.float32]) -> Contender:
        """A candidate as a release that was tried."""
        from seatrial.artifact.manifest import write_manifest
        from seatrial.export.release import served_size_mb, write_release
        from seatrial.serve.process.latency import measure_latency

        spec, task, reader = self.spec, self.task, self.readers[name]
        validation, width = self.splits["validation"], logits.shape[1]
        file = self.context.inputs["compress"].path / f"{name}.onnx"
        folder = self.context.out / TRIED / name
        folder.mkdir(parents=True)
        write_release(
            folder,
            model_folder=self.context.inputs["train"].path,
            onnx_files={name: file},
            served=name,
            name=spec.name,
            task=spec.task,
            labels=task.output_labels(self.labels),
            dimensions=None if task.per_label else width,
            temperature=reader.temperature,
            max_length=spec.model.max_length,
            clean=task.served_cleaning(spec.data.clean),
            extra=task.release_files(width, spec.model.max_length),
        )
        write_manifest(folder, kind="release")
        latency = measure_latency(
            folder,
            self._texts(validation.examples),
            requests=spec.serving.latency_requests,
            threads=spec.serving.threads,
        )
        size_mb = served_size_mb(file, folder)
        (folder / "manifest.json").unlink()
        operational = {
            metric: Measurement(metric, value, spec.serving.latency_requests, "service", system=name)
            for metric, value in {**latency, "size_mb": size_mb}.items()
        }
        operational |= training_figures(self.context.inputs["train"], name)
        figures = self._figures(name, operational, logits)
        return Contender(name, file, reader.temperature, figures, folder, size_mb, latency, logits)

    def _figures(
        self, name: str, operational: Mapping[str, Measurement], logits: NDArray[np.float32]
    ) -> CandidateFigures:
        """What the contract can ask of a candidate before the test split is opened."""
        spec, reading = self.spec, self.readings["validation"]
        figures = CandidateFigures(
            name, self.splits, operational, spec.evaluation.resamples, spec.evaluation.confidence, spec.seed
        )
        examples = self.splits["validation"].examples
        figures.label_scores["validation"] = self.readers[name].scores(reading, logits, examples)
        figures.likeness[self.task.likeness, "validation"] = self.task.alike(
            self._joined("validation", logits), self.source
        )
        if self.answering and self.answering.asked_on("validation"):
            self._add_answers(figures, "validation")
        return figures

    def _add_answers(self, figures: CandidateFigures, split: str) -> None:
        """Enter what a candidate writes."""
        assert self.answering is not None
        for kind, scores in self.answering.scores(
            self._answers(figures.name, split), self.splits[split].examples
        ).items():
            figures.answer_scores[kind, split] = scores

    def _answers(self, name: str, split: str) -> Sequence[str]:
        """What a candidate writes; each split is written once."""
        assert self.answering is not None
        if (name, split) not in self.wrote:
            examples = self.splits[split].examples
            self.wrote[name, split] = self.answering.write(self._writer(name), examples, self.context.progress)
        return self.wrote[name, split]

    def _writer(self, name: str) -> Path:
        """What writes for a candidate: a model's folder, or a decoder graph."""
        del name  # there is one network, however it is kept
        return self.context.inputs["train"].path

    def open_test(self, requirements: Sequence[Requirement], contender: Contender) -> Verdict:
        """Open the test split for one contender, counted before it is looked at; the same model file counts once."""
        from seatrial.evaluate.contract import judge

        use = SplitUse(self.test_split, f"{STAGE} {contender.name}", self._model_digest(contender))
        record_test_use(self.context.project.store, use)
        contender.test_logits = self._test_logits(contender)
        contender.figures.label_scores["test"] = self.readers[contender.name].scores(
            self.readings["test"], contender.test_logits, self.splits["test"].examples
        )
        if self.answering:
            self._add_answers(contender.figures, "test")
        return judge(contender.name, requirements, contender.figures.lookup)

    def _model_digest(self, contender: Contender) -> str:
        """Of the file that is judged."""
        digest: str = self.context.inputs["compress"].manifest["files"][contender.model_file.name]
        return digest

    def _test_logits(self, contender: Contender) -> NDArray[np.float32]:
        """What a contender says of the test split."""
        from seatrial.export.session import OnnxSession, onnx_logits

        return onnx_logits(
            OnnxSession(contender.model_file, self.spec.serving.threads),
            self.readings["test"].windows,
            max_tokens=self.spec.serving.max_batch_tokens,
            progress=self.context.progress,
        )

    def finish(self, winner: Contender) -> None:
        """Write the golden answers: validation texts of all lengths, each computed alone and as it is served."""
        from seatrial.data.clean.served import ServedCleaning
        from seatrial.export.golden import TEXTS, clearest, spread, write_golden
        from seatrial.export.session import OnnxSession
        from seatrial.serve.usable import MAX_TEXT_CHARS

        texts = [text for text in self._texts(self.splits["validation"].examples) if len(text) <= MAX_TEXT_CHARS]
        texts = [texts[i] for i in spread(list(map(len, texts)), 4 * TEXTS)]
        session = OnnxSession(winner.model_file, self.spec.serving.threads)
        reading = self.task.read(self.tokenizer, ServedCleaning(self.task.served_cleaning(self.spec.data.clean))(texts))
        parts = [self.task.outputs(session.logits([window])[0], winner.temperature) for window in reading.windows]
        outputs = self.task.join(reading, parts)
        labels = self.task.output_labels(self.labels)
        clear = clearest(outputs, labels)
        chosen = [clear[i] for i in spread(clear, TEXTS)]  # `texts` go from short to long
        write_golden(winner.folder, [texts[i] for i in chosen], [outputs[i] for i in chosen], labels=labels)

    def _evaluation(self, shown: Contender, requirements: Sequence[Requirement]) -> Report:
        """The full report on the contender that the verdict is about, beside the opponents."""
        from seatrial.evaluate.evaluate import evaluate

        if not self.task.measurable(self.labels):
            return Report("evaluate")
        assert shown.test_logits is not None  # the test split was opened for what is shown
        reader = self.readers[shown.name]
        said = {
            split: reader.predictions(split, self.splits[split].examples, self.readings[split], logits)
            for split, logits in (("validation", shown.validation_logits), ("test", shown.test_logits))
        }
        report = evaluate(
            said["test"],
            self.splits["test"].opponents,
            labels=self.labels,
            metrics=metrics_for(self.spec, self.task, self.labels),
            judged_on=self.task.judged_on,
            asked=[requirement.where for requirement in requirements],
            validation=said["validation"],
            temperature=shown.temperature,
            resamples=self.spec.evaluation.resamples,
            confidence=self.spec.evaluation.confidence,
            seed=self.spec.seed,
            progress=self.context.progress,
        )
        if not self.answering:
            return report
        written = {split: self._answers(shown.name, split) for split in self.splits}
        examples = {split: data.examples for split, data in self.splits.items()}
        return self.answering.added_to(report, "test", examples, written, self.written)

    def _candidate(self, contender: Contender, *, chosen: bool) -> Candidate:
        wanted = [Requirement(self.task.primary_metric, ">=", 0.0, split="validation")]
        wanted += [Requirement(self.task.likeness, ">=", 0.0, split="validation")]
        if "test" in contender.figures.label_scores:
            wanted.append(replace(wanted[0], split="test"))
        found = [contender.figures.lookup(requirement) for requirement in wanted]
        return Candidate(
            contender.name,
            self.file_of(contender),
            contender.size_mb,
            contender.latency.get("p50_ms"),
            contender.latency.get("p95_ms"),
            chosen,
            contender.why,
            tuple(measurement for measurement in found if measurement),
        )

    def file_of(self, contender: Contender) -> str:
        """Its model file, relative to the artifact of `compress`."""
        return f"{contender.name}.onnx"

    def _joined(self, split: str, logits: NDArray[np.float32]) -> Sequence[NDArray[np.float32]]:
        """Rows [rows, k] of a model on a split, as one array per text."""
        reading = self.readings[split]
        return self.task.join(reading, reading.parts(logits))

    def _texts(self, examples: Sequence[Example]) -> list[str]:
        return [self.task.text(example) for example in examples]
