"""The opponent that knows names by heart: what was an entity in the training texts is one wherever it stands again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seatrial.evaluate.opponents.base import Opponent
from seatrial.records import Example, Span

__all__ = ["Gazetteer"]

MIN_SHARE = 0.5
"""A string that is an entity in fewer of its places in the training texts is none."""


class Gazetteer(Opponent):
    """See `Opponent`; the longest known string from left to right, under the label that it had most often.

    Within a word nothing is looked for where letters are written with spaces between words: "Rom" is not in "Romance".
    """

    answers: tuple[str, ...] = ("spans",)

    def __init__(self, train: Sequence[Example], labels: Sequence[str], seed: int) -> None:
        del seed  # nothing here is random
        self._labels = labels
        seen: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for example in train:
            for span in example.spans:
                seen[_text(example)[span.start : span.end]][span.label] += 1
        self._labels_of = {name: counts.most_common(1)[0][0] for name, counts in seen.items()}
        self._lengths: dict[str, list[int]] = {}
        self._index()
        places: Counter[str] = Counter()
        for example in train:
            places.update(_text(example)[span.start : span.end] for span in self._found(_text(example)))
        rare = [name for name, counts in seen.items() if counts.total() < MIN_SHARE * places[name]]
        for name in rare:
            del self._labels_of[name]
        self._index()

    def probabilities(self, examples: Sequence[Example]) -> NDArray[np.float64]:
        """Entities found and those that are right, [n, labels, 2]; see `Opponent.probabilities`."""
        scores = np.zeros((len(examples), len(self._labels), 2))
        index = {label: place for place, label in enumerate(self._labels)}
        for row, example in zip(scores, examples, strict=True):
            true = set(example.spans)
            for span in self._found(_text(example)):
                row[index[span.label]] += (1, span in true)
        return scores

    def _index(self) -> None:
        """First character → the lengths of names that begin with it, longest first."""
        lengths: defaultdict[str, set[int]] = defaultdict(set)
        for name in self._labels_of:
            lengths[name[0]].add(len(name))
        self._lengths = {first: sorted(found, reverse=True) for first, found in lengths.items()}

    def _found(self, text: str) -> list[Span]:
        found: list[Span] = []
        place = 0
        while place < len(text):
            length = next((n for n in self._lengths.get(text[place], ()) if self._is_name(text, place, n)), 0)
            if length:
                found.append(Span(place, place + length, self._labels_of[text[place : place + length]]))
            place += length or 1
        return found

    def _is_name(self, text: str, start: int, length: int) -> bool:
        end = start + length
        if end > len(text) or text[start:end] not in self._labels_of:
            return False
        return not (_glued(text, start) or _glued(text, end))


def _glued(text: str, place: int) -> bool:
    """Whether a word of an alphabet goes on from the character before to the one at `place`."""
    if not 0 < place < len(text):
        return False
    return all(character.isalnum() and character < "\u2e80" for character in text[place - 1 : place + 1])


def _text(example: Example) -> str:
    return example.inputs["text"]
