"""Texts → overlapping windows of tokens, and where each piece of a text is among them.

A text that is too long for the network is read in several windows, and each piece is answered for by the window in
which it stands farthest from an edge: nothing is cut off, in training as in use. Refuses to know: tags and networks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from seatrial.models.reading import Places, Reading
from seatrial.tasks.pieces import pieces

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tokenizers import Encoding, Tokenizer

__all__ = ["read_windows", "window_starts"]

OVERLAP = 4
"""A quarter of a window is shared with the next one."""


def read_windows(tokenizer: Tokenizer, texts: Sequence[str]) -> Reading:
    """Tokenize texts and find their pieces.

    Args:
        tokenizer: cuts at the longest input, as `tokenize.load.load_tokenizer` sets it.
        texts: any texts.

    Returns:
        A piece lies where the first token that covers any of it lies, by the positions in the text that the tokenizer
        gives.
    """
    windows: list[Sequence[int]] = []
    spans: list[tuple[int, int]] = []
    places: list[Places] = []
    longest = (tokenizer.truncation or {}).get("max_length")
    for text, encoding in zip(texts, tokenizer.encode_batch(list(texts)), strict=True):
        read, found = _read(text, encoding, longest)
        spans.append((len(windows), len(windows) + len(read)))
        windows += read
        places.append(found)
    return Reading(windows, spans, places)


def _read(text: str, encoding: Encoding, longest: int | None) -> tuple[list[list[int]], Places]:
    """The windows of one text, and its places."""
    special = encoding.special_tokens_mask
    before = next((place for place, mask in enumerate(special) if not mask), len(special))
    after = next((place for place, mask in enumerate(reversed(special)) if not mask), 0) if before < len(special) else 0
    ids, starts, ends = _content(encoding)
    room = max(1, (longest or len(ids) + before + after) - before - after)
    firsts = window_starts(len(ids), room)
    head, tail = encoding.ids[:before], encoding.ids[len(special) - after :]
    read = [[*head, *ids[first : first + room], *tail] for first in firsts]
    found = pieces(text)
    tokens = np.full(len(found), -1, dtype=np.intp)
    joined = np.zeros(len(found), dtype=np.bool_)
    if ids and found:
        bounds = np.array(found)
        covering = np.searchsorted(ends, bounds[:, 0], side="right")  # the first token that ends behind its start
        known = covering < len(ids)
        known[known] = starts[covering[known]] < bounds[known, 1]
        joined[1:] = known[1:] & known[:-1] & (covering[1:] == covering[:-1])
        best = _best_windows(covering[known], firsts, room, len(ids))
        tokens[known] = best * (room + before + after) + before + covering[known] - np.array(firsts)[best]
    return read, Places(tokens, joined)


def _content(encoding: Encoding) -> tuple[list[int], NDArray[np.intp], NDArray[np.intp]]:
    """Ids, starts and ends of all tokens that are no special ones, those that were cut off included."""
    ids: list[int] = []
    offsets: list[Any] = []
    for part in (encoding, *encoding.overflowing):
        for token, offset, special in zip(part.ids, part.offsets, part.special_tokens_mask, strict=True):
            if not special:
                ids.append(token)
                offsets.append(offset)
    bounds = np.array(offsets, dtype=np.intp).reshape(-1, 2)
    return ids, bounds[:, 0], np.maximum.accumulate(bounds[:, 1]) if len(bounds) else bounds[:, 1]


def window_starts(count: int, room: int) -> list[int]:
    """Where windows of `room` tokens begin among `count`; they share a quarter, and the last one ends with the text."""
    if count <= room:
        return [0]
    step = max(1, room - room // OVERLAP)
    return [*range(0, count - room, step), count - room]


def _best_windows(tokens: NDArray[np.intp], firsts: Sequence[int], room: int, count: int) -> NDArray[np.intp]:
    """For each token the window in which it stands farthest from an edge."""
    starts = np.array(firsts, dtype=np.intp)[:, None]
    stops = np.minimum(starts + room, count)
    to_edge = np.minimum(tokens - starts, stops - 1 - tokens)  # negative outside the window
    # The text's own ends are no edges: nothing is cut off there.
    to_edge = np.where((starts == 0) & (tokens < stops), stops - 1 - tokens, to_edge)
    to_edge = np.where((stops == count) & (tokens >= starts), np.where(starts == 0, count, tokens - starts), to_edge)
    best: NDArray[np.intp] = to_edge.argmax(axis=0)
    return best
