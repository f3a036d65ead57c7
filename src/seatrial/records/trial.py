"""What stages make: reports, artifacts, candidates, a trial and its release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from seatrial.records.contract import Measurement, RequirementResult, Verdict

__all__ = ["Artifact", "Candidate", "Release", "Report", "Table", "Trial"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model file that could be released, with the figures it was judged by.

    Attributes:
        name: the compression method that made it, for example ``"fp32"`` or ``"int8-dynamic"``.
        file: path of the ONNX file, relative to the artifact that holds it.
        size_mb: served bytes (model and tokenizer) in 10⁶ bytes.
        latency_p95_ms: through the running service; None before it was measured.
        chosen: whether this one is released.
        why: why it won or lost, one sentence.
        measurements: its figures on validation, and on test where it was tried there.
    """

    name: str
    file: str
    size_mb: float
    latency_p50_ms: float | None = None
    latency_p95_ms: float | None = None
    chosen: bool = False
    why: str = ""
    measurements: tuple[Measurement, ...] = ()

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """The inverse of `dataclasses.asdict`."""
        values = dict(raw)
        values["measurements"] = tuple(map(Measurement.from_dict, values["measurements"]))
        return cls(**values)


Table = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Report:
    """What a stage measured; JSON first, HTML is made from it.

    Attributes:
        stage: the stage's name.
        measurements: figures with intervals.
        tables: name → rows (each a mapping column → value), in display order.
        series: name → points for a plot (each a mapping axis → number).
        facts: single values worth showing (counts, temperature, seconds).
    """

    stage: str
    measurements: tuple[Measurement, ...] = ()
    tables: Mapping[str, Table] = field(default_factory=dict)
    series: Mapping[str, Table] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """The inverse of `as_dict`."""
        return cls(
            stage=raw["stage"],
            measurements=tuple(map(Measurement.from_dict, raw["measurements"])),
            tables=raw["tables"],
            series=raw["series"],
            facts=raw["facts"],
        )

    def find(
        self,
        metric: str,
        *,
        split: str = "test",
        where: Mapping[str, str] | None = None,
        system: str = "model",
        over: str | None = None,
    ) -> Measurement | None:
        """The measurement with exactly this key, or None."""
        for m in self.measurements:
            key = (m.metric, m.split, dict(m.where), m.system, m.over)
            if key == (metric, split, dict(where or {}), system, over):
                return m
        return None


@dataclass(frozen=True, slots=True)
class Artifact:
    """An immutable directory addressed by digest; `manifest` is its `manifest.json` as read."""

    path: Path
    digest: str
    kind: str
    manifest: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Trial:
    """Everything one voyage found out: the source of the report page and of the model card.

    Attributes:
        project: the project's name.
        description: one sentence from the project file.
        created: ISO 8601 time, UTC.
        task: the task's name.
        labels: label names in order; empty where the data have none.
        verdict: the deciding verdict (the winner's, or the best candidate's if none was accepted).
        candidates: every candidate with why it won or lost.
        reports: stage → report.
        lineage: digests, seeds, versions, CPU flags, spec (plain JSON).
        test_uses: how often this test split was used to judge a model of this project, this time included.
        seconds: stage → how long it took.
        dimensions: length of the vectors that the model gives; None where it gives labels.
    """

    project: str
    description: str
    created: str
    task: str
    labels: tuple[str, ...]
    verdict: Verdict
    candidates: tuple[Candidate, ...]
    reports: Mapping[str, Report]
    lineage: Mapping[str, Any]
    test_uses: int
    seconds: Mapping[str, float] = field(default_factory=dict)
    dimensions: int | None = None

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """The inverse of `dataclasses.asdict`."""
        results = tuple(map(RequirementResult.from_dict, raw["verdict"]["results"]))
        values = {
            **raw,
            "labels": tuple(raw["labels"]),
            "verdict": Verdict(raw["verdict"]["candidate"], results),
            "candidates": tuple(map(Candidate.from_dict, raw["candidates"])),
            "reports": {stage: Report.from_dict(report) for stage, report in raw["reports"].items()},
        }
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Release:
    """The accepted artifact as it lies in a folder: what `serve` needs to know.

    Attributes:
        path: the release folder.
        name: the project's name.
        version: first 12 hex digits of the manifest's digest.
        task: registered task name.
        labels: label names in the order of the outputs; empty for a task whose outputs are no labels.
        model_file: the served model, absolute.
        tokenizer_file: `tokenizer.json`, absolute.
        temperature: logits are divided by this before softmax; 1 where outputs are no probabilities.
        max_length: longest input in tokens; longer inputs are cut.
        clean: cleaning steps that texts go through before the tokenizer, as in training.
        dimensions: length of the vectors that the model gives; None where it gives one number per label, or text.
        generates: whether it answers with texts of its own; `model_file` is then a decoder's.
    """

    path: Path
    name: str
    version: str
    task: str
    labels: tuple[str, ...]
    model_file: Path
    tokenizer_file: Path
    temperature: float
    max_length: int
    clean: tuple[str | dict[str, dict[str, Any]], ...] = ()
    dimensions: int | None = None
    generates: bool = False

    @property
    def width(self) -> int:
        """Numbers in the output for one text."""
        return self.dimensions or len(self.labels)
