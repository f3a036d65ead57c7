"""What models write in evaluation: which figures want it, who writes it, and what is measured of it.

A task that writes (`tasks.Writes`) is judged by its answers only where the contract or `evaluation.metrics` names a
metric that reads them, for writing costs minutes. The trained model and an opponent that asks the model before training
write; answers are kept as texts, `answers.json` in the artifact of evaluate. Refuses to know: candidates.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from seatrial.evaluate.metrics import reads
from seatrial.pipeline.figures import Beside
from seatrial.progress import Progress
from seatrial.records import Example, Report
from seatrial.spec.project import ProjectSpec
from seatrial.tasks import Task, Writes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seatrial.generate.base import Engine

__all__ = ["ANSWERS", "Answering", "Written", "answer_metrics", "read_answers", "write_answers"]

ANSWERS = "answers.json"
SLOTS = 16
"""Answers that are written at the same time."""

Written = Mapping[str, Mapping[str, Sequence[str]]]
"""System → split → what it wrote for each example; the trained model is ``"source"``."""


def answer_metrics(spec: ProjectSpec, task: Task) -> tuple[str, ...]:
    """The metrics of the project file that read what the model writes, in order, each once."""
    if not isinstance(task, Writes):
        return ()
    kinds = [kind for kind in task.written_kinds(spec.data) if kind != task.judged_on]
    named = (*spec.evaluation.metrics, *(line.metric for line in spec.requirements if _registered(line.metric)))
    return tuple(dict.fromkeys(name for name in named if reads(name) in kinds))


def _registered(metric: str) -> bool:
    from seatrial.evaluate.metrics import METRICS

    return metric in METRICS


def write_answers(file: Path, written: Written) -> None:
    """Keep what was written."""
    file.write_text(json.dumps(written, ensure_ascii=False, indent=1), encoding="utf-8")


def read_answers(file: Path) -> Written:
    """The inverse of `write_answers`."""
    written: Written = json.loads(file.read_text(encoding="utf-8"))
    return written


@dataclass(frozen=True)
class Answering:
    """Has answers written and measures them, for one project.

    Attributes:
        spec: the project file.
        task: writes, or there is none of this.
        tokenizer: of the model, as the task loads it.
        metrics: that read answers; at least one.
    """

    spec: ProjectSpec
    task: Any
    tokenizer: Any
    metrics: tuple[str, ...]

    @classmethod
    def of(cls, spec: ProjectSpec, task: Task, tokenizer: Any) -> Answering | None:
        """None where no figure wants an answer."""
        metrics = answer_metrics(spec, task)
        return cls(spec, task, tokenizer, metrics) if metrics else None

    @property
    def kinds(self) -> tuple[str, ...]:
        """What the metrics read."""
        return tuple(dict.fromkeys(map(reads, self.metrics)))

    def asked_on(self, split: str) -> bool:
        """Whether the contract asks for such a figure on a split."""
        return any(line.metric in self.metrics and line.record().split == split for line in self.spec.requirements)

    def write(self, model: Path, examples: Sequence[Example], progress: Progress) -> list[str]:
        """What a model writes for each example: one in a folder, or the file of a decoder graph."""
        from seatrial.evaluate.writing import write_greedily

        prompts = self.task.prompts(self.tokenizer, examples)
        most = self.spec.evaluation.answers.max_tokens
        longest = max(map(len, prompts), default=1)
        with _engine(model, context=longest + most, threads=self.spec.training.threads) as engine:
            written = write_greedily(
                engine,
                prompts,
                stop_ids=self.task.stop_ids(self.tokenizer),
                max_tokens=most,
                progress=progress,
            )
        return [self.tokenizer.text(ids) for ids in written]

    def scores(self, written: Sequence[str], examples: Sequence[Example]) -> dict[str, NDArray[np.float32]]:
        """Kind → label scores [n, …] of what one system wrote."""
        from seatrial.evaluate.text_rows import text_rows
        from seatrial.tasks.overlap import overlap

        found: dict[str, NDArray[np.float32]] = {}
        if "written" in self.kinds:
            found["written"] = overlap(written, self.task.wanted(examples))
        if "texts" in self.kinds:
            found["texts"] = text_rows(written, [self._fits(text) for text in written])
        return found

    def beside(self, examples: Sequence[Example], written: Written, split: str) -> dict[str, Beside]:
        """Kind → what is true and what opponents say, of one split."""
        import numpy as np

        from seatrial.evaluate.text_rows import text_rows

        others = {name: self.scores(texts[split], examples) for name, texts in written.items() if name != "source"}
        nothing = np.zeros(len(examples), dtype=np.intp)  # what overlaps is in the scores already
        truth = {"written": nothing, "texts": text_rows(self.task.wanted(examples)).astype(np.intp)}
        return {
            kind: Beside(truth[kind], {name: scores[kind] for name, scores in others.items()}) for kind in self.kinds
        }

    def added_to(
        self,
        report: Report,
        split: str,
        examples: Mapping[str, Sequence[Example]],
        written: Mapping[str, Sequence[str]],
        others: Written,
    ) -> Report:
        """The report of evaluate with the figures of what was written.

        Args:
            report: the figures of everything else.
            split: the one that is reported on, with opponents; what was written for another is measured without.
            examples: split → its examples.
            written: split → what the model wrote.
            others: what everybody wrote.
        """
        from seatrial.evaluate.evaluate import evaluate

        spec = self.spec
        for kind in self.kinds:
            said = {one: self._predictions(one, kind, examples[one], texts) for one, texts in written.items()}
            beside = self.beside(examples[split], others, split)[kind]
            more = evaluate(
                said[split],
                beside.opponents,
                labels=(),
                metrics=[name for name in self.metrics if reads(name) == kind],
                judged_on=kind,
                asked=[line.where for line in spec.requirements],
                validation=said.get("validation") if split != "validation" else None,
                resamples=spec.evaluation.resamples,
                confidence=spec.evaluation.confidence,
                seed=spec.seed,
            )
            report = replace(
                report,
                measurements=(*report.measurements, *more.measurements),
                tables={**report.tables, **more.tables},
                facts={**report.facts, **more.facts},
            )
        return report

    def _predictions(self, split: str, kind: str, examples: Sequence[Example], written: Sequence[str]) -> Any:
        from seatrial.evaluate.evidence import Predictions

        truth = self.beside(examples, {}, split)[kind].truth
        return Predictions(split, examples, truth, self.scores(written, examples)[kind], None, [], [])

    def _fits(self, text: str) -> bool:
        from seatrial.evaluate.json_schema import fits
        from seatrial.evaluate.metrics.texts import json_of

        schema = self.spec.evaluation.answers.json_schema
        valid, value = json_of(text)
        return schema is None or (valid and fits(value, schema))


@contextmanager
def _engine(model: Path, *, context: int, threads: int | None) -> Iterator[Engine]:
    """What runs a graph, or what runs a network fastest here in float32: the graph that a service would run where the
    network is of a family that has one, else PyTorch."""
    from seatrial.errors import ArtifactError, ResolveError
    from seatrial.export.decoder_graph import PRECISIONS, write_decoder
    from seatrial.export.decoder_weights import read_decoder
    from seatrial.generate import ENGINES

    settings: dict[str, Any] = {"slots": SLOTS, "context": context, "threads": threads}
    if model.is_file():
        yield ENGINES.get("onnxruntime")(model.parent, **settings)
        return
    with TemporaryDirectory() as scratch:
        try:
            folder = write_decoder(read_decoder(model), Path(scratch) / "graph", PRECISIONS["fp32"]).parent
            engine = ENGINES.get("onnxruntime")(folder, **settings)
        except ArtifactError:
            try:
                engine = ENGINES.get("torch")(model, **settings)
            except ResolveError:
                engine = ENGINES.get("transformers")(model, **settings)
        yield engine
