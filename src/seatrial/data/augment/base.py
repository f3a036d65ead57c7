"""What a way to augment is: options that become a function from texts to new texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import ClassVar, Protocol, TypeAlias

from seatrial.errors import SeatrialError
from seatrial.records import Example
from seatrial.spec.base import Section

__all__ = ["Asked", "AugmentMethod", "Augmenter", "EncoderWords", "HoldsText", "Joined", "Material"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A text that a new one shall be made from.

    Attributes:
        text: the text.
        label: its label; empty where the data have none.
        random: its own generator, seeded by the project's seed, the step and the example, so that no text depends on
            which others are asked for, or in which order.
    """

    text: str
    label: str
    random: Random


@dataclass(frozen=True, slots=True)
class Joined:
    """A new text made of two, so that its soft label is the mean of theirs.

    Attributes:
        text: the new text.
        other: the text beside the one that was asked about, of the same label.
    """

    text: str
    other: str


class HoldsText(Protocol):
    """What is needed of a task: where the text of an example is."""

    def text(self, example: Example) -> str:
        """The text."""

    def with_text(self, example: Example, text: str) -> Example:
        """The same example with another text."""


class EncoderWords(Protocol):
    """What the project's encoder knows about words. It is loaded when it is first asked."""

    def neighbours(self, words: Sequence[str], count: int, at_least: float) -> Mapping[str, Sequence[str]]:
        """Whole words of the vocabulary near to each word.

        Args:
            words: in any case.
            count: at most so many for each, the nearest first.
            at_least: cosine of the two embeddings, -1 to 1.

        Returns:
            Word → neighbours, without the word itself; words that the vocabulary does not hold are absent.
        """

    def fill(
        self, texts: Sequence[str], gaps: Sequence[Sequence[tuple[int, int]]], count: int, head_steps: int
    ) -> Sequence[Sequence[Sequence[tuple[str, float]]]]:
        """What could stand in the gaps of each text.

        Args:
            texts: n texts.
            gaps: of each text, (start, end) of the words that are hidden, ascending; all of a text at once.
            count: at most so many words for each gap.
            head_steps: how long to train a head for this where the checkpoint has none; 0 refuses to.

        Returns:
            For each text and gap, whole words with their probabilities, the most probable first. A gap beyond what the
            encoder reads, or that is no single piece of its vocabulary, has none.

        Raises:
            SpecError: the encoder cannot do it.
        """


@dataclass(frozen=True, slots=True)
class Material:
    """What methods may use beside the text itself.

    Attributes:
        texts: training texts by label.
        root: the project folder, which relative paths start from.
        encoder: the project's encoder, or None where there is none.
        where: dotted path of the step in the project file, for messages.
    """

    texts: Mapping[str, Sequence[str]]
    root: Path
    encoder: EncoderWords | None = None
    where: str = "data.augment"

    def words(self) -> EncoderWords:
        """The encoder.

        Raises:
            SeatrialError: there is none here.
        """
        if self.encoder is None:
            raise SeatrialError(
                "this needs the project's encoder, and there is none here",
                where=self.where,
                hint="name a project, or give the encoder with --encoder",
            )
        return self.encoder


Augmenter: TypeAlias = Callable[[Sequence[Asked]], Sequence[str | Joined | None]]
"""Texts → a new text for each, or None where nothing in it can be changed."""


class AugmentMethod(Section):
    """A way to augment: each field is an option of the project file. Building one must be cheap."""

    needs_encoder: ClassVar[bool] = False
    """Whether it uses `Material.encoder` with the options' defaults."""
    copies: ClassVar[bool] = False
    """Whether what it makes may be in the data already."""
    once: ClassVar[bool] = False
    """Whether it always makes the same of a text, so that asking twice is in vain."""

    def uses_encoder(self) -> bool:
        """Whether it uses `Material.encoder` with these options; then the encoder is an input of the data set."""
        return self.needs_encoder

    def files(self) -> tuple[str, ...]:
        """Files that it reads, relative to the project folder; they are inputs of the data set too."""
        return ()

    def ready(self, material: Material) -> Augmenter:
        """The function that does it. One text at a time unless a method overrides this."""

        def each(asked: Sequence[Asked]) -> list[str | None]:
            return [self.one(one.text, one.random) for one in asked]

        return each

    def one(self, text: str, random: Random) -> str | None:
        """A new text made from one text, or None where nothing in it can be changed."""
        raise NotImplementedError
