"""Candidates → the wanted number of pieces with their log probabilities.

Expectation and maximisation give each piece its probability; then the pieces go without which the texts would lose the
least, a quarter at a time. Single characters stay, so that every text can be cut. Refuses to know: the tokenizer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seatrial.progress import Progress, silent
from seatrial.tokenize.unigram.lattice import Lattice
from seatrial.tokenize.unigram.seeds import frequent_substrings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["learn_pieces"]

SEEDS_PER_PIECE = 12
"""Candidates for each piece that is wanted; SentencePiece takes up to a million whatever is wanted."""
LONGEST = 16
KEPT = 0.75
ROUNDS = 2
"""Of expectation and maximisation before pieces go, as in SentencePiece."""
LEAST = 0.5
"""Expected occurrences below this count as so many; the digamma function falls off steeply towards zero."""


def learn_pieces(
    units: Sequence[str],
    counts: Sequence[int],
    alphabet: Sequence[str],
    *,
    size: int,
    min_frequency: int,
    progress: Progress = silent,
) -> list[tuple[str, float]]:
    """The pieces and their log probabilities, the most probable first.

    Args:
        units: strings that no piece reaches beyond, made of `alphabet`.
        counts: how often each occurs.
        alphabet: characters, which are all pieces.
        size: pieces at most, characters included; fewer come back where there are no more frequent substrings.
        min_frequency: occurrences of a piece of several characters at least.
        progress: hears how many pieces are still too many.
    """
    weights = np.asarray(counts, dtype=np.int64)
    seeds = frequent_substrings(
        units,
        weights,
        longest=LONGEST,
        min_frequency=min_frequency,
        most=SEEDS_PER_PIECE * max(0, size - len(alphabet)),
    )
    pieces = [*alphabet, *(piece for piece, _ in seeds)]
    single = np.arange(len(pieces)) < len(alphabet)
    lattice = Lattice(units, pieces)
    without = Lattice(pieces, pieces, whole=False)  # each piece as it would be cut if it went
    seen = np.zeros(len(alphabet))
    index = {character: place for place, character in enumerate(alphabet)}
    for unit, count in zip(units, counts, strict=True):
        for character in unit:
            seen[index[character]] += count
    scores = _maximised(np.concatenate([seen, [count for _, count in seeds]]), np.ones(len(pieces), bool))
    alive = np.ones(len(pieces), bool)
    too_many = len(pieces) - size
    while True:
        for _ in range(ROUNDS):
            scores = _maximised(lattice.expected(scores, weights)[0], alive)
        if int(alive.sum()) <= size:
            break
        target = max(size, int(KEPT * int(alive.sum())))
        alive &= single | _worth_keeping(
            lattice, without, scores, weights, room=target - len(alphabet), candidates=alive & ~single
        )
        scores = np.where(alive, scores, -np.inf)
        lattice.keep(alive)
        without.keep(alive)
        progress("prune pieces", too_many - (int(alive.sum()) - size), too_many)
    order = np.lexsort((np.arange(len(pieces)), -scores))
    return [(pieces[i], float(scores[i])) for i in order.tolist() if alive[i]]


def _maximised(occurrences: Floats, alive: NDArray[np.bool_]) -> Floats:
    """Expected occurrences → log probabilities that favour few pieces; -inf for those that are not alive.

    Source: Liang, Petrov, Jordan and Klein 2007, "The Infinite PCFG using Hierarchical Dirichlet Processes", §3.1.
    """
    counted = np.maximum(occurrences, LEAST)
    return np.where(alive, _digamma(counted) - _digamma(counted[alive].sum(keepdims=True)), -np.inf)


def _worth_keeping(
    lattice: Lattice,
    without: Lattice,
    scores: Floats,
    counts: NDArray[np.int64],
    *,
    room: int,
    candidates: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Which `room` of the candidates stay: those without which the log probability of the best cuts would fall most."""
    total_pieces = len(scores)
    _, strings, used = lattice.best(scores)
    frequency = np.bincount(used, weights=counts[strings], minlength=total_pieces)  # [P]
    alternative, cut, parts = without.best(scores)
    total = frequency.sum()
    number = np.bincount(cut, minlength=total_pieces)
    with np.errstate(divide="ignore", invalid="ignore"):
        shared = np.log(frequency[parts] + frequency[cut]) - np.log(total + frequency[cut] * (number[cut] - 1))
        instead = np.bincount(cut, weights=shared, minlength=total_pieces)
        loss = frequency / total * (np.log(frequency) - np.log(total) - instead)
    unused = (frequency == 0) | (alternative > scores)
    loss = np.where(unused, scores - 1e9, loss)  # in the order of their probability, behind all others
    loss[~candidates] = -np.inf
    order = np.lexsort((np.arange(total_pieces), -loss))[:room]
    stays = np.zeros(total_pieces, bool)
    stays[order] = True
    return stays & candidates


def _digamma(values: Floats) -> Floats:
    """The derivative of log Γ for values from 0.5. Source: Abramowitz and Stegun 1964, 6.3.5 and 6.3.18."""
    shift = np.zeros_like(values)
    large = values.astype(np.float64)
    for _ in range(6):
        small = large < 6
        shift -= np.where(small, 1 / large, 0)
        large = large + small
    inverse = 1 / (large * large)
    series = inverse * (1 / 12 - inverse * (1 / 120 - inverse * (1 / 252 - inverse / 240)))
    result: Floats = shift + np.log(large) - 0.5 / large - series
    return result
