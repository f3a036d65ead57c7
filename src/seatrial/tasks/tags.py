"""Tags and spans: which stretches of a sequence a sequence of tags marks, and back.

A tag is ``O``, or a prefix and a label: ``B-PER`` begins a stretch, ``I-PER`` goes on with one. Other schemes mark ends
(``E``, ``L``) and stretches of one (``S``, ``U``, ``W``), or begin a stretch with ``B`` only where another of its label
is just before it (IOB1). One rule reads them all: it is that of the CoNLL-2000 evaluation script, conlleval. Refuses to
know: texts and networks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

__all__ = ["OUTSIDE", "SCHEMES", "Chunk", "chunks", "labels_of", "prefixed", "stranger", "tag_names", "words"]

OUTSIDE = "O"
TAG = re.compile(r"([BIESLUWM])[-_](.+)", re.DOTALL)
BEGINS, ENDS = frozenset("BSUW"), frozenset("ESLUW")
SCHEMES: Mapping[str, frozenset[str]] = {
    "bio": frozenset("BI"),
    "iob1": frozenset("BI"),
    "bioes": frozenset("BIESLUWM"),
}
"""Name of a scheme → the prefixes that it has. BILOU and BMES are `bioes` under other letters."""

Chunk = tuple[int, int, str]
"""First position, the position after the last, and the label."""


def chunks(tags: Sequence[str]) -> list[Chunk]:
    """The stretches that a sequence of tags marks, in order.

    A stretch begins at a tag that says so, and at any other tag of a label after a tag of none or of another label, or
    after an end. So ``O I-PER`` is a person, and ``B-PER I-LOC`` is a person and a place.

    Args:
        tags: each ``O`` or a prefix and a label; what is neither counts as ``O``.

    Source: the functions startOfChunk and endOfChunk of conlleval (Tjong Kim Sang, CoNLL-2000 shared task).
    """
    found: list[Chunk] = []
    start, label = 0, ""
    open_ = False
    for place, tag in enumerate(tags):
        match = TAG.fullmatch(tag)
        prefix, its = match.groups() if match else (OUTSIDE, "")
        if open_ and (not match or prefix in BEGINS or its != label):
            found.append((start, place, label))
            open_ = False
        if match and not open_:
            start, label, open_ = place, its, True
        if open_ and prefix in ENDS:
            found.append((start, place + 1, label))
            open_ = False
    if open_:
        found.append((start, len(tags), label))
    return found


def words(tags: Sequence[str], merge: Mapping[str, int]) -> list[Chunk]:
    """One stretch per tag, for tags without prefixes: parts of speech, say.

    Args:
        tags: each a label, or ``O`` for none.
        merge: label → how many words next to each other are one stretch, at most: `{nr: 2}` where family name and given
            name are two words.
    """
    found: list[Chunk] = []
    for place, tag in enumerate(tags):
        if tag == OUTSIDE:
            continue
        if found and found[-1][1] == place and found[-1][2] == tag:
            start = found[-1][0]
            if place - start < merge.get(tag, 1):
                found[-1] = (start, place + 1, tag)
                continue
        found.append((place, place + 1, tag))
    return found


def prefixed(tags: Sequence[str]) -> bool:
    """Whether every tag is ``O`` or has a prefix."""
    return all(tag == OUTSIDE or TAG.fullmatch(tag) for tag in tags)


def stranger(tags: Sequence[str], scheme: str) -> str | None:
    """The first tag that a scheme does not have, or None."""
    for tag in tags:
        match = TAG.fullmatch(tag)
        if tag != OUTSIDE and (match is None or match[1] not in SCHEMES[scheme]):
            return tag
    return None


def tag_names(labels: Sequence[str]) -> tuple[str, ...]:
    """The tags that a network gives for these labels: ``O``, then ``B-`` and ``I-`` of each."""
    return (OUTSIDE, *(f"{prefix}-{label}" for label in labels for prefix in "BI"))


def labels_of(tags: Sequence[str]) -> tuple[str, ...]:
    """The inverse of `tag_names`."""
    return tuple(tag[2:] for tag in tags[1::2])
