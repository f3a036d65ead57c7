"""Cleaning steps as the project file names them → callables, with every wrong option named by its dotted path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from seatrial.data.base import OpenEntities
from seatrial.data.clean import CLEANERS
from seatrial.data.clean.base import Cleaner, CleanStep
from seatrial.errors import SpecError
from seatrial.spec.cleaning import CleaningStep, step_name, step_options
from seatrial.spec.mistakes import describe

__all__ = ["NamedCleaner", "build_cleaners"]


@dataclass(frozen=True, slots=True)
class NamedCleaner:
    """A step ready to be called, under the name that drops and counts give it."""

    name: str
    clean: Cleaner


def build_cleaners(
    steps: Sequence[CleaningStep], *, where: str = "data.clean", open_entities: OpenEntities | None = None
) -> list[NamedCleaner]:
    """Build the steps in order.

    Args:
        steps: names, or names with options.
        where: dotted path of the list, for messages.
        open_entities: opens the models that steps name; without it such a step refuses to work.

    Raises:
        SpecError: a step that is not known, or options that it does not take.
        SeatrialError: a step needs something that is not installed.
    """
    built = [(step_name(step), _built(step, f"{where}.{place}")) for place, step in enumerate(steps)]
    return [
        NamedCleaner(name, step.with_models(open_entities) if isinstance(step, CleanStep) else step)
        for name, step in built
    ]


def _built(step: CleaningStep, where: str) -> Cleaner:
    name, options = step_name(step), step_options(step)
    found = CLEANERS.get(name, where=where)
    if not (isinstance(found, type) and issubclass(found, CleanStep)):
        if options:
            raise SpecError(f"{name!r} takes no options", where=f"{where}.{name}", hint=f"write only {name}")
        return found
    try:
        return found.model_validate(options)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        mistake = describe(found, first["loc"], first["type"], first["msg"], first["input"])
        hint = mistake.hint if mistake.hint and "seatrial schema" not in mistake.hint else None
        raise SpecError(
            mistake.message,
            where=f"{where}.{name}" + ("" if mistake.where == "the file" else f".{mistake.where}"),
            expected=mistake.expected,
            hint=hint or "its options: " + ", ".join(found.model_fields),
        ) from None
