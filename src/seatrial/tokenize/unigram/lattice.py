"""All ways to cut many strings into pieces, at once: how probable they are together, and which is the best.

Nodes are the places between the characters of a string, edges the pieces that fit between two places. The strings are
gone through together, from place to place, so that each step is one operation on arrays.

    U strings   N nodes, of all strings   M edges   P pieces
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Lattice"]


class Lattice:
    """Strings and the pieces that fit into them. Every character of the strings must be a piece by itself.

    Args:
        strings: U strings, none empty.
        pieces: P pieces; their numbers are their places here.
        whole: whether a string may be cut into one piece, itself, if it has more than one character.
    """

    def __init__(self, strings: Sequence[str], pieces: Sequence[str], *, whole: bool = True) -> None:
        lengths = np.fromiter(map(len, strings), np.int64, count=len(strings))
        self.first: Ints = np.cumsum(lengths + 1) - (lengths + 1)  # [U] the node at which a string begins
        self.last: Ints = self.first + lengths  # [U]
        self.nodes = int((lengths + 1).sum())
        source, length, piece = _edges(strings, lengths, pieces)
        owner = np.searchsorted(self.first, source, side="right") - 1
        if not whole:
            kept = (length < lengths[owner]) | (lengths[owner] == 1)
            source, length, piece, owner = source[kept], length[kept], piece[kept], owner[kept]
        stop = source + length - self.first[owner]  # counted from the string's beginning
        order = np.lexsort((source, length, stop))
        self.source, self.piece, self.owner = source[order], piece[order], owner[order]
        self.target: Ints = self.source + length[order]
        key = stop[order] * (int(length.max(initial=1)) + 1) + length[order]
        bounds = np.flatnonzero(np.diff(key, prepend=-1, append=-1)).tolist()
        self.groups = [slice(a, b) for a, b in pairwise(bounds)]
        """Edges with the same end and length, counted from their strings' beginnings: no two share a node."""

    def keep(self, alive: NDArray[np.bool_]) -> None:
        """Leave out the edges of the pieces that are not alive, [P]."""
        kept = alive[self.piece]
        self.source, self.target = self.source[kept], self.target[kept]
        self.piece, self.owner = self.piece[kept], self.owner[kept]
        before = np.concatenate([[0], np.cumsum(kept)])
        groups = [slice(int(before[group.start]), int(before[group.stop])) for group in self.groups]
        self.groups = [group for group in groups if group.start < group.stop]

    def expected(self, scores: Floats, counts: NDArray[np.int64]) -> tuple[Floats, float]:
        """How often each piece occurs over all cuts, weighed by their probability; and the strings' log probability.

        Args:
            scores: [P] log probabilities of pieces.
            counts: [U] how often each string occurs.
        """
        before = np.full(self.nodes, -np.inf)
        before[self.first] = 0.0
        after = np.full(self.nodes, -np.inf)
        after[self.last] = 0.0
        weights = scores[self.piece]  # [M]
        for group in self.groups:
            target = self.target[group]
            before[target] = np.logaddexp(before[target], before[self.source[group]] + weights[group])
        for group in reversed(self.groups):
            source = self.source[group]
            after[source] = np.logaddexp(after[source], weights[group] + after[self.target[group]])
        whole = before[self.last]  # [U]
        share = np.exp(before[self.source] + weights + after[self.target] - whole[self.owner])
        occurrences = np.bincount(self.piece, weights=share * counts[self.owner], minlength=len(scores))
        return occurrences.astype(np.float64), float(whole @ counts)

    def best(self, scores: Floats) -> tuple[Floats, Ints, Ints]:
        """The most probable cut of each string.

        Args:
            scores: [P] log probabilities of pieces.

        Returns:
            [U] the log probability of the best cut; and, one entry for each piece in one of these cuts, the number of
            the string and that of the piece.
        """
        best = np.full(self.nodes, -np.inf)
        best[self.first] = 0.0
        through = np.full(self.nodes, -1, dtype=np.int64)  # the edge by which a node is best reached
        weights = scores[self.piece]
        for group in self.groups:
            target = self.target[group]
            reached = best[self.source[group]] + weights[group]
            better = reached > best[target]
            best[target[better]] = reached[better]
            through[target[better]] = np.arange(group.start, group.stop)[better]
        strings, pieces = [], []
        at, string = self.last, np.arange(len(self.last))
        while len(at):
            edge = through[at]
            strings.append(string)
            pieces.append(self.piece[edge])
            at = self.source[edge]
            further = at != self.first[string]
            at, string = at[further], string[further]
        none = np.zeros(0, np.int64)
        return best[self.last], np.concatenate([none, *strings]), np.concatenate([none, *pieces])


def _edges(strings: Sequence[str], lengths: Ints, pieces: Sequence[str]) -> tuple[Ints, Ints, Ints]:
    """Of each edge the node at which it begins, its length and its piece; [M] each.

    All places walk down a tree of the pieces together, a character at a time; those that leave it drop out.
    """
    text = np.frombuffer("".join(strings).encode("utf-32-le"), dtype=np.uint32).astype(np.int64)
    characters, codes = np.unique(text, return_inverse=True)
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(text))
    node = np.arange(len(text)) + np.repeat(np.arange(len(strings)), lengths)
    number_of = dict(zip(map(chr, characters.tolist()), range(len(characters)), strict=True))
    levels = _tree(pieces, number_of)
    at = np.arange(len(text))  # where the walks began
    state = np.zeros(len(text), np.int64)
    found: list[tuple[Ints, Ints, Ints]] = []
    for depth, (keys, terminal) in enumerate(levels):
        fits = left[at] > depth
        at, state = at[fits], state[fits]
        wanted = state * len(characters) + codes[at + depth]
        place = np.searchsorted(keys, wanted)
        known = keys[np.minimum(place, len(keys) - 1)] == wanted if len(keys) else np.zeros(len(at), bool)
        at, state = at[known], place[known]
        piece = terminal[state]
        ends = piece >= 0
        found.append((node[at[ends]], np.full(int(ends.sum()), depth + 1), piece[ends]))
    source, length, piece = (np.concatenate([row[i] for row in found]) for i in range(3))
    return source, length, piece


def _tree(pieces: Sequence[str], number_of: dict[str, int]) -> list[tuple[Ints, Ints]]:
    """Per depth the sorted keys (state above, character) of its states, and the piece that ends at each, or -1."""
    alive = [(piece, number) for number, piece in enumerate(pieces) if all(c in number_of for c in piece)]
    state = dict.fromkeys((number for _, number in alive), 0)
    levels: list[tuple[Ints, Ints]] = []
    depth = 0
    while alive:
        key_of = {number: state[number] * len(number_of) + number_of[piece[depth]] for piece, number in alive}
        keys = np.unique(np.fromiter(key_of.values(), np.int64, count=len(key_of)))
        place = dict(zip(keys.tolist(), range(len(keys)), strict=True))
        terminal = np.full(len(keys), -1, dtype=np.int64)
        for piece, number in alive:
            state[number] = place[key_of[number]]
            if len(piece) == depth + 1:
                terminal[state[number]] = number
        levels.append((keys, terminal))
        alive = [(piece, number) for piece, number in alive if len(piece) > depth + 1]
        depth += 1
    return levels
