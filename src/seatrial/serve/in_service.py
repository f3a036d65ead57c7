"""What every model in service is, whatever its answers are: a release, what it has to do, a way to end.

Refuses to know: what is asked, and how it is answered. `served` has the models that answer texts with rows of numbers,
`generation/` those that answer with texts.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

from seatrial.records import Release

__all__ = ["InService", "Load", "card_of"]


@dataclass(frozen=True, slots=True)
class Load:
    """What a model has to do at this moment.

    Attributes:
        waiting_items: texts, or answers to be generated, that wait.
        waiting_tokens: their tokens; for answers to be generated also those that may still be written.
        running_items: those that are being computed.
        expected_wait_s: how long one that came now would wait.
    """

    waiting_items: int
    waiting_tokens: int
    running_items: int
    expected_wait_s: float


class InService(ABC):
    """One version of one model.

    Attributes:
        release: what answers.
        card: the model card, Markdown; empty if there is none.
        callers: requests that wait for this model; while there are any, it must not be closed.
    """

    release: Release
    card: str
    callers: int

    @property
    @abstractmethod
    def output_name(self) -> str:
        """What the task calls its answers: "scores", "embedding", "entities", "text"."""

    @property
    def max_tokens(self) -> int:
        """Longest input, in tokens."""
        return self.release.max_length

    @abstractmethod
    def check_room(self, deadline: float) -> None:
        """Refuse a request before it is read, where there is no room for the smallest.

        Args:
            deadline: on `time.monotonic`'s clock.

        Raises:
            BusyError: there is none.
        """

    @abstractmethod
    def load(self) -> Load:
        """What it has to do; called whenever somebody looks."""

    @abstractmethod
    def prove(self) -> None:
        """Answer a little, before anybody is served. Called in a thread.

        Raises:
            ArtifactError: the answers are others than when the release was accepted, or none.
        """

    @abstractmethod
    async def close(self, grace_s: float) -> None:
        """Take no more, and answer what was accepted, for up to `grace_s` seconds."""


def card_of(folder: Path) -> str:
    """The model card of a release, empty if there is none."""
    card = folder / "README.md"
    return card.read_text(encoding="utf-8") if card.is_file() else ""
