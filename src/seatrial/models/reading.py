"""How texts are read by a network: each as one window of token ids or as several, and where its answers then are.

A network gives one row of numbers per window, or one per token of each window; both are kept as *rows* [rows, k],
window after window. A *part* is what it gave for one window: [k], or [tokens, k]. Refuses to know: models, labels,
torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Places", "Reading", "Rows", "whole_texts"]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the answers to the pieces of one text are among its tokens; for tasks that answer for pieces of a text.

    Attributes:
        tokens: [pieces], the place among all tokens of the text's windows, one window after the other; -1 for a piece
            that the tokenizer leaves out.
        joined: [pieces], whether a piece shares its token with the piece before.
    """

    tokens: NDArray[np.intp]
    joined: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Reading:
    """Some texts as a network reads them.

    Attributes:
        windows: token ids, special tokens included; the windows of a text follow one another.
        spans: the first window of each text, and the one after its last.
        places: where each text's pieces are; empty for a task that answers for whole texts.
    """

    windows: Sequence[Sequence[int]]
    spans: Sequence[tuple[int, int]]
    places: Sequence[Places] = ()

    def __len__(self) -> int:
        """Texts."""
        return len(self.spans)

    @property
    def lengths(self) -> list[int]:
        """Tokens of each text in all of its windows."""
        return [sum(map(len, self.windows[start:end])) for start, end in self.spans]

    def parts(self, rows: NDArray[np.float32]) -> Sequence[NDArray[np.float32]]:
        """Rows [rows, k] by window: [k] where there is one per window, else [tokens, k].

        Raises:
            ValueError: there are neither as many rows as windows nor as many as tokens.
        """
        if len(rows) == len(self.windows):
            return list(rows)
        lengths = list(map(len, self.windows))
        if len(rows) != sum(lengths):
            raise ValueError(f"{len(rows)} rows for {len(lengths)} windows of {sum(lengths)} tokens")
        return np.split(rows, np.cumsum(lengths)[:-1])

    def pick(self, texts: Sequence[int]) -> Reading:
        """The same for some of the texts, by their positions."""
        windows: list[Sequence[int]] = []
        spans = []
        for text in texts:
            start, end = self.spans[text]
            spans.append((len(windows), len(windows) + end - start))
            windows += self.windows[start:end]
        return Reading(windows, spans, [self.places[text] for text in texts] if self.places else ())


def whole_texts(token_ids: Sequence[Sequence[int]]) -> Reading:
    """Texts that are one window each."""
    return Reading(token_ids, [(text, text + 1) for text in range(len(token_ids))])


class Rows:
    """Rows [rows, k] of many windows, filled in batch by batch.

    Args:
        token_ids: ids of each window.
    """

    def __init__(self, token_ids: Sequence[Sequence[int]]) -> None:
        self._lengths = [len(ids) for ids in token_ids]
        self._ends = np.cumsum(self._lengths)
        self._rows: NDArray[np.float32] | None = None

    def put(self, batch: Sequence[int], found: NDArray[np.float32]) -> None:
        """Enter what the network gave for a padded batch, without what it gave for the padding.

        Args:
            batch: positions of the windows.
            found: [windows, k], or [windows, longest, k].
        """
        if self._rows is None:
            total = len(self._lengths) if found.ndim == 2 else int(self._ends[-1])
            self._rows = np.empty((total, found.shape[-1]), dtype=np.float32)
        if found.ndim == 2:
            self._rows[batch] = found
            return
        for window, rows in zip(batch, found, strict=True):
            length, end = self._lengths[window], self._ends[window]
            self._rows[end - length : end] = rows[:length]

    def all(self) -> NDArray[np.float32]:
        """The rows, in the order of the windows; of no windows, an array without rows."""
        return np.empty((0, 0), dtype=np.float32) if self._rows is None else self._rows
