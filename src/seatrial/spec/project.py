"""The whole project file as one typed tree."""

from __future__ import annotations

from typing import Self

from pydantic import Field, field_validator, model_validator

from seatrial.spec.base import Section, Word
from seatrial.spec.contract import RequirementSpec, contradiction
from seatrial.spec.data import DataSpec
from seatrial.spec.stages import CompressionSpec, EvaluationSpec, ServingSpec
from seatrial.spec.training import ModelSpec, TrainingSpec

__all__ = ["ProjectSpec"]


class ProjectSpec(Section):
    """`seatrial.yaml`: what is wanted (`requirements`) and how to get there (everything else)."""

    name: str = Field(pattern="^[a-z0-9][a-z0-9._-]{0,63}$")
    """Short name, used for the release and the served model."""
    description: str = ""
    """One sentence for the report and the model card."""
    license: str = "other"
    """Licence of the released model, as a Hub identifier."""
    language: list[str] = Field(default_factory=list)
    """Languages of the texts, as ISO 639-1 codes."""
    task: str = "text-classification"
    """What kind of problem this is."""
    labels: list[Word] = Field(default_factory=list)
    """Label names in order; empty takes them from the data, sorted."""
    seed: int = Field(default=17, ge=0, lt=2**32)
    """Seed of the split, the initial head, the batch order and dropout."""
    data: DataSpec
    """Where examples come from."""
    model: ModelSpec = ModelSpec()
    """What is fine-tuned."""
    training: TrainingSpec = TrainingSpec()
    """How it is fine-tuned."""
    evaluation: EvaluationSpec = EvaluationSpec()
    """Metrics, opponents and intervals of the report."""
    compression: CompressionSpec = CompressionSpec()
    """Which candidates are made."""
    requirements: list[RequirementSpec] = Field(min_length=1)
    """The contract."""
    serving: ServingSpec = ServingSpec()
    """How the release is served."""

    @field_validator("labels")
    @classmethod
    def _each_label_once(cls, labels: list[str]) -> list[str]:
        twice = next((label for place, label in enumerate(labels) if label in labels[:place]), None)
        if twice is not None:
            raise ValueError(f"the label {twice!r} is there twice; remove one of them")
        if any(label != label.strip() or not label for label in labels):
            raise ValueError("a label is empty or has a space around it; the data's labels are read without")
        if len(labels) == 1:
            raise ValueError("one label is no choice; give at least two, or none to take them from the data")
        return labels

    @field_validator("requirements")
    @classmethod
    def _can_be_met_together(cls, requirements: list[RequirementSpec]) -> list[RequirementSpec]:
        problem = contradiction(requirements)
        if problem:
            raise ValueError(problem)
        return requirements

    @model_validator(mode="after")
    def _filled_with_a_label(self) -> Self:
        filling = self.data.missing.filling("label")
        if filling is not None and self.labels and filling not in self.labels:
            raise ValueError(f"data.missing.label fills in {filling!r}, which is not among labels; add it to labels")
        if self.data.rules is not None and not self.labels:
            raise ValueError("data.rules give shares of labels, which need an order; name the labels in labels")
        return self
