"""Augmentations as the project file names them → methods, with every wrong option named by its dotted path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from seatrial.data.augment import AUGMENTERS
from seatrial.data.augment.base import AugmentMethod
from seatrial.errors import SpecError
from seatrial.spec.data_augment import Augmentation
from seatrial.spec.mistakes import describe

__all__ = ["build_methods", "files_read", "needs_encoder"]


def build_methods(steps: Sequence[Augmentation], *, where: str = "data.augment") -> list[AugmentMethod]:
    """Build the method of each step.

    Args:
        steps: the section of the project file.
        where: its dotted path, for messages.

    Raises:
        SpecError: a method that is not known, or options that it does not take.
    """
    return [_built(step.method, step.options, f"{where}.{place}") for place, step in enumerate(steps)]


def needs_encoder(steps: Sequence[Augmentation]) -> bool:
    """Whether the project's encoder shapes what is made."""
    return any(method.uses_encoder() for method in build_methods(steps))


def files_read(steps: Sequence[Augmentation]) -> tuple[str, ...]:
    """Files beside the sources that shape what is made, relative to the project folder."""
    return tuple(dict.fromkeys(file for method in build_methods(steps) for file in method.files()))


def _built(name: str, options: Mapping[str, object], where: str) -> AugmentMethod:
    found = AUGMENTERS.get(name, where=f"{where}.method")
    try:
        return found.model_validate(dict(options))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        mistake = describe(found, first["loc"], first["type"], first["msg"], first["input"])
        place = "" if mistake.where == "the file" else f".{mistake.where}"
        hint = mistake.hint if mistake.hint and "seatrial schema" not in mistake.hint else None
        raise SpecError(
            mistake.message,
            where=f"{where}.options{place}",
            expected=mistake.expected,
            hint=hint or "its options: " + (", ".join(found.model_fields) or "none"),
        ) from None
