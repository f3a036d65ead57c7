"""What a cleaning step promises. Refuses to know labels, rows and files: a step sees one text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

from seatrial.spec.base import Section

if TYPE_CHECKING:
    from seatrial.data.base import OpenEntities

__all__ = ["Changed", "CleanStep", "Cleaner", "Refusal"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A text shall be dropped. Equal reasons are counted together, so `reason` holds nothing of the text."""

    reason: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A text with a count of what was changed in it, for steps of which one wants to know more than that they did.

    Attributes:
        text: the cleaned text.
        counts: kind of change → how often, for example ``{"email": 2}``; kinds hold nothing of the text.
    """

    text: str
    counts: Mapping[str, int]


class Cleaner(Protocol):
    """A cleaning step: a pure function, so that one text is always cleaned alike, alone or among others."""

    def __call__(self, text: str) -> str | Refusal | Changed:
        """The cleaned text, or why it must be dropped."""


class CleanStep(Section):
    """A cleaning step with options: each field is an option of the project file, an instance is a `Cleaner`.

    Building one must be cheap; what is slow to load is loaded with the first text. One is built in each process.
    """

    def __call__(self, text: str) -> str | Refusal | Changed:
        """The cleaned text, or why it must be dropped."""
        raise NotImplementedError

    def each(self, texts: Sequence[str]) -> list[str | Refusal | Changed]:
        """The same for several texts, for a step that is quicker about many than about each by itself."""
        return [self(text) for text in texts]

    def with_models(self, open_entities: OpenEntities | None) -> Self:
        """The step, able to open the model that its options name; None says that nobody here can."""
        del open_entities  # most steps ask no model
        return self

    def check_keys(self) -> None:
        """Look whether secrets that the step is given elsewhere, such as in the environment, are there.

        Called before any work, also by `seatrial plan`; writes nothing.

        Raises:
            SpecError: one is missing, or does not fit.
        """

    def served(self) -> Cleaner | None:
        """How texts that a served model is asked about are cleaned; None where the step has no part in that.

        A step that only refuses texts returns None: whoever asks gets an answer.
        """
        return self
