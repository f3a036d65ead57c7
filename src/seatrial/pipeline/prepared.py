"""What only the prepared data can tell about the project file, looked at before anything is trained on them.

Refuses to know: how the data were made.
"""

from __future__ import annotations

from pathlib import Path

from seatrial.data.dataset import read_labels, read_split
from seatrial.errors import SpecError
from seatrial.evaluate.slices import select, slice_values
from seatrial.pipeline.references import check_opponents
from seatrial.records import Example
from seatrial.registry import did_you_mean
from seatrial.spec.project import ProjectSpec

__all__ = ["check_prepared"]


def check_prepared(spec: ProjectSpec, dataset: Path) -> None:
    """Hold the contract's slices and the opponents against the data.

    Args:
        spec: the resolved project file.
        dataset: the artifact of prepare.

    Raises:
        SpecError: a requirement is about a slice that no example of its split is in, or an opponent cannot answer with
            these labels.
    """
    check_opponents(spec, read_labels(dataset))
    splits: dict[str, list[Example]] = {}
    for place, requirement in enumerate(spec.requirements):
        if not requirement.where:
            continue
        split = requirement.record().split
        if split not in splits:
            splits[split] = read_split(dataset, split)
        if not len(select(splits[split], requirement.where)):
            raise _no_such_slice(splits[split], split, requirement.where, f"requirements.{place}.where")


def _no_such_slice(examples: list[Example], split: str, asked: dict[str, str], where: str) -> SpecError:
    """The first condition that no example meets; or, when each is met by some, that none meets all."""
    for name, value in asked.items():
        values = slice_values(examples).get(name, {})
        if value not in values:
            return SpecError(
                f"no example of the {split} split has {name}={value}",
                where=f"{where}.{name}",
                hint=did_you_mean(value, values) or "check data.slices",
            )
    together = ", ".join(f"{name}={value}" for name, value in asked.items())
    return SpecError(
        f"no example of the {split} split has {together} together",
        where=where,
        hint="take a condition away, or add such examples",
    )
