"""Token sequences of different lengths → rows of one length, with nothing between them but the end of one and the start
of the next.

What is packed are pairs of a token and the one that follows it in the same sequence, so a row can be cut anywhere: each
pair is in exactly one row, and nothing is learned across two sequences. Each place of a row knows its document (numbers
count up along the row) and its position in it; attention that stays within equal numbers sees one document only.

Refuses to know: tokenizers, networks, what the ids mean.

Shapes: R rows, T tokens of a row.
"""

from __future__ import annotations

import bisect
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NOTHING", "Document", "PackedRows", "pack_cut", "pack_whole"]

NOTHING = -100
"""The target where there is nothing to learn; torch's cross entropy leaves it out by this number."""


@dataclass(frozen=True, slots=True)
class PackedRows:
    """Rows of packed documents.

    Attributes:
        input_ids: [R, T].
        targets: [R, T], the token that follows each; `NOTHING` where it is not to be learned, and in padding.
        documents: [R, T], number of the document within the row; padding is a document of its own.
        positions: [R, T], from 0 in each document of a row.
    """

    input_ids: NDArray[np.int32]
    targets: NDArray[np.int32]
    documents: NDArray[np.int32]
    positions: NDArray[np.int32]

    def __len__(self) -> int:
        """Rows."""
        return len(self.input_ids)

    @property
    def learned(self) -> NDArray[np.intp]:
        """[R], targets of each row."""
        counts: NDArray[np.intp] = (self.targets != NOTHING).sum(axis=1)
        return counts


@dataclass(frozen=True, slots=True)
class Document:
    """One document as tokens.

    Attributes:
        ids: at least two; what begins and ends it is among them.
        learned: whether each token is to be predicted; None: all but the first.
    """

    ids: Sequence[int]
    learned: Sequence[bool] | None = None

    @property
    def pairs(self) -> int:
        """Tokens that another follows."""
        return max(0, len(self.ids) - 1)

    def wanted(self, start: int, stop: int) -> list[int]:
        """What follows the tokens from `start` to before `stop`, or `NOTHING`."""
        following = self.ids[start + 1 : stop + 1]
        if self.learned is None:
            return list(following)
        return [
            token if learned else NOTHING
            for token, learned in zip(following, self.learned[start + 1 : stop + 1], strict=True)
        ]


Piece = tuple[Document, int, int]
"""A document and the pairs of it that lie in a row: the first, and the one after the last."""


def pack_cut(documents: Sequence[Document], length: int, *, pad_id: int, seed: int) -> PackedRows:
    """One document after the other, in an order drawn by `seed`; what does not fit goes on in the next row.

    No token is lost, and nothing but the end of the last row is padding. A document that goes on does so without what
    stood in the row before it.

    Args:
        documents: any number; those with less than two tokens teach nothing.
        length: T, at least 1.
        pad_id: fills the end of the last row.
        seed: of the order.
    """
    rows: list[list[Piece]] = [[]]
    left = length
    for document in _shuffled(documents, seed):
        start = 0
        while start < document.pairs:
            if left == 0:
                rows.append([])
                left = length
            stop = min(document.pairs, start + left)
            rows[-1].append((document, start, stop))
            left -= stop - start
            start = stop
    return _filled([row for row in rows if row], length, pad_id)


def pack_whole(documents: Sequence[Document], length: int, *, pad_id: int, seed: int) -> PackedRows:
    """Documents as wholes, each into the row where it leaves the least room (best fit, longest first).

    For what makes no sense in parts, such as messages. A document that is longer than a row is cut at its end: shorten
    it before, where something else can be spared.

    Args:
        documents: any number; those with less than two tokens teach nothing.
        length: T, at least 1.
        pad_id: fills the ends of rows.
        seed: of the order of documents of one length, and of the rows.
    """
    rows: list[list[Piece]] = []
    room: list[tuple[int, int]] = []  # (room that is left, row), by room
    for document in sorted(_shuffled(documents, seed), key=lambda document: -document.pairs):
        need = min(document.pairs, length)
        if need == 0:
            continue
        place = bisect.bisect_left(room, (need, 0))
        left, row = room.pop(place) if place < len(room) else (length, len(rows))
        if row == len(rows):
            rows.append([])
        rows[row].append((document, 0, need))
        if left > need:
            bisect.insort(room, (left - need, row))
    random.Random(seed).shuffle(rows)  # noqa: S311 - an order, not a secret
    return _filled(rows, length, pad_id)


def _shuffled(documents: Sequence[Document], seed: int) -> list[Document]:
    order = list(documents)
    random.Random(seed).shuffle(order)  # noqa: S311 - an order, not a secret
    return order


def _filled(rows: Sequence[Sequence[Piece]], length: int, pad_id: int) -> PackedRows:
    shape = (len(rows), length)
    packed = PackedRows(
        input_ids=np.full(shape, pad_id, dtype=np.int32),
        targets=np.full(shape, NOTHING, dtype=np.int32),
        documents=np.zeros(shape, dtype=np.int32),
        positions=np.zeros(shape, dtype=np.int32),
    )
    for row, pieces in enumerate(rows):
        place = 0
        for number, (document, start, stop) in enumerate(pieces):
            end = place + stop - start
            packed.input_ids[row, place:end] = document.ids[start:stop]
            packed.targets[row, place:end] = document.wanted(start, stop)
            packed.documents[row, place:end] = number
            packed.positions[row, place:end] = np.arange(stop - start)
            place = end
        packed.documents[row, place:] = len(pieces)
        packed.positions[row, place:] = np.arange(length - place)
    return packed
