"""What is learned from: rows, examples, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

__all__ = ["SPLITS", "Augmented", "Drop", "Example", "Provenance", "Row", "Span"]

SPLITS = ("train", "validation", "test")


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
