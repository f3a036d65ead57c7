"""The nouns: what stages hand to each other. Frozen data; no behaviour beyond derived values and plain JSON forms.

Refuses to know: files, models, networks. Everything here can be built in a test with literals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

__all__ = [
    "Artifact",
    "Augmented",
    "Candidate",
    "Drop",
    "Example",
    "Interval",
    "Measurement",
    "Project",
    "Provenance",
    "Release",
    "Report",
    "Requirement",
    "RequirementResult",
    "Row",
    "Span",
    "Trial",
    "Verdict",
]

Comparator = Literal[">=", "<="]
SPLITS = ("train", "validation", "test")
PROJECT_FILE = "seatrial.yaml"
"""What a project file is called unless a folder holds several."""


@dataclass(frozen=True, slots=True)
class Project:
    """A project file, and the folder that its paths start from."""

    root: Path
    file: Path

    @property
    def home(self) -> Path:
        """Where what is made of it goes: its folder for `seatrial.yaml`, the folder `NAME` beside it for `NAME.yaml`,
        so that several project files in one folder keep apart."""
        return self.root if self.file.name == PROJECT_FILE else self.root / self.file.stem

    @property
    def spelled(self) -> Path:
        """What to name to a command: the folder, or the file where it has a name of its own."""
        return self.root if self.file.name == PROJECT_FILE else self.file

    @property
    def store(self) -> Path:
        """Where artifacts live by digest."""
        return self.home / ".seatrial"

    @property
    def release(self) -> Path:
        """Where the accepted release is written."""
        return self.home / "release"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where an example came from: the source's name and the row (1-based) in it."""

    source: str
    row: int


@dataclass(frozen=True, slots=True)
class Row:
    """One record as a source gave it, before any task has looked at it."""

    values: Mapping[str, Any]
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Drop:
    """A row or example that a step refused, and why. What was dropped stays readable.

    Attributes:
        reason: equal reasons are counted together.
        text: what was dropped, or the start of it.
        provenance: source and row.
        undeclared: the label that the project does not declare, where that is why; otherwise None.
        missing: ``"text"`` or ``"label"`` where that is why; otherwise None.
    """

    reason: str
    text: str
    provenance: Provenance
    undeclared: str | None = None
    missing: Literal["text", "label"] | None = None


@dataclass(frozen=True, slots=True)
class Augmented:
    """How a training example was made from another: the method's name and the other's id."""

    method: str
    origin: str


@dataclass(frozen=True, slots=True)
class Span:
    """A labelled part of a text: first character, the one after the last, and the label."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled item.

    Attributes:
        id: stable over runs; a digest of the provenance and the inputs.
        inputs: the task's inputs by name, for example ``{"text": …}``.
        label: the hard label; empty where the data have none.
        distribution: shares per label in the order of the dataset's labels, summing to 1, or None for a hard label.
        raters: how many people stand behind `distribution`, or None.
        slices: slice name → value, for example ``{"domain": "tweets", "agreed": "yes"}``.
        provenance: source and row; of an augmented example, those of the one it was made from.
        augmented: how it was made, or None for one that the sources hold.
        spans: labelled parts of the text, in order and without overlap, for a task that marks such.
    """

    id: str
    inputs: Mapping[str, str]
    label: str
    provenance: Provenance
    distribution: tuple[float, ...] | None = None
    raters: int | None = None
    slices: Mapping[str, str] = field(default_factory=dict)
    augmented: Augmented | None = None
    spans: tuple[Span, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON form; without `augmented` and `spans` where there are none, so that a test split is known by the
        same digest as ever."""
        plain = asdict(self)
        for name in ("augmented", "spans"):
            if not plain[name]:
                del plain[name]
        return plain

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """The inverse of `as_dict`."""
        distribution = raw.get("distribution")
        return cls(
            id=raw["id"],
            inputs=raw["inputs"],
            label=raw["label"],
            provenance=Provenance(**raw["provenance"]),
            distribution=None if distribution is None else tuple(distribution),
            raters=raw.get("raters"),
            slices=raw.get("slices", {}),
            augmented=Augmented(**raw["augmented"]) if raw.get("augmented") else None,
            spans=tuple(Span(**span) for span in raw.get("spans", ())),
        )


@dataclass(frozen=True, slots=True)
class Interval:
    """A two-sided interval at `confidence` (0.95 = 95 %)."""

    low: float
    high: float
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measured figure.

    Attributes:
        metric: registered name, for example ``"accuracy"`` or ``"p95_ms"``.
        value: the figure; NaN where it is not defined.
        n: how many items it was measured on.
        split: ``"validation"``, ``"test"``, or ``"service"`` for operational figures.
        where: slice filter; empty means all.
        interval: bootstrap interval, or None where none applies.
        over: the opponent this is a difference to, or None.
        system: what was measured: ``"model"``, a candidate's name or an opponent's.
        ratio: whether it was divided by the opponent's figure instead; only the contract asks for that.
    """

    metric: str
    value: float
    n: int
    split: str = "test"
    where: Mapping[str, str] = field(default_factory=dict)
    interval: Interval | None = None
    over: str | None = None
    system: str = "model"
    ratio: bool = False

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """The inverse of `dataclasses.asdict`, also where NaN went through JSON as null."""
        values = dict(raw)
        if values["value"] is None:  # JSON has no NaN
            values["value"] = float("nan")
        if values.get("interval"):
            values["interval"] = Interval(**values["interval"])
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One line of the contract: a metric somewhere must not fall short of (or exceed) a bound.

    Attributes:
        metric: registered metric, or an operational one (``p95_ms``, ``size_mb``, ``agreement``, ``cosine_to_source``).
        comparator: ``">="`` for floors, ``"<="`` for ceilings.
        bound: the bound in the metric's unit.
        split: where it is measured: ``"test"``, ``"validation"``, ``"service"``.
        where: slice filter, for example ``{"domain": "tweets"}``.
        confidence: then the unfavourable end of the interval at this confidence must meet the bound.
        over: the metric is the difference to this opponent's.
        ratio: with `over`: the metric is divided by the opponent's instead.
    """

    metric: str
    comparator: Comparator
    bound: float
    split: str = "test"
    where: Mapping[str, str] = field(default_factory=dict)
    confidence: float | None = None
    over: str | None = None
    ratio: bool = False

    @property
    def name(self) -> str:
        """Readable and unique within a sensible contract, for example ``accuracy [agreed=yes, domain=tweets]``."""
        text = self.metric
        if self.over:
            text += f" {'relative to' if self.ratio else 'over'} {self.over}"
        if self.where:
            text += " [" + ", ".join(f"{k}={v}" for k, v in sorted(self.where.items())) + "]"
        if self.split == "validation":
            text += " on validation"
        if self.confidence is not None:
            text += f", {100 * self.confidence:g}% bound"
        return text


@dataclass(frozen=True, slots=True)
class RequirementResult:
    """A requirement beside what was measured. `why` says what is missing when `met` is False."""

    requirement: Requirement
    measured: float | None
    interval: Interval | None
    met: bool
    why: str
    n: int = 0

    @property
    def short_by(self) -> float | None:
        """How far the measured value is on the wrong side of the bound, in the metric's unit; None if unmeasured."""
        if self.measured is None:
            return None
        gap = self.requirement.bound - self.measured
        return gap if self.requirement.comparator == ">=" else -gap

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """The inverse of `dataclasses.asdict`."""
        interval = Interval(**raw["interval"]) if raw["interval"] else None
        return cls(**{**raw, "requirement": Requirement(**raw["requirement"]), "interval": interval})

    def as_dict(self) -> dict[str, Any]:
        """The row that `verdict.json` and ``--json`` show."""
        return {
            "requirement": self.requirement.name,
            "measured": self.measured,
            "interval": [self.interval.low, self.interval.high] if self.interval else None,
            "comparator": self.requirement.comparator,
            "bound": self.requirement.bound,
            "met": self.met,
            "why": self.why,
            "n": self.n,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """The contract beside the measurements of one candidate."""

    candidate: str
    results: tuple[RequirementResult, ...]

    @property
    def accepted(self) -> bool:
        """True when there is a contract and every line of it is met."""
        return bool(self.results) and all(result.met for result in self.results)

    @property
    def missed(self) -> tuple[RequirementResult, ...]:
        """The lines that fell short."""
        return tuple(result for result in self.results if not result.met)

    def as_dict(self) -> dict[str, Any]:
        """The form of `verdict.json`."""
        return {
            "accepted": self.accepted,
            "candidate": self.candidate,
            "verdict": [result.as_dict() for result in self.results],
        }


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
