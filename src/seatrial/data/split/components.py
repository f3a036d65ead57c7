"""What must stay together, and in which order things are taken: shared by the ways to split."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from seatrial.data.split.keys import SplitKey
from seatrial.errors import SpecError
from seatrial.records import Example
from seatrial.registry import did_you_mean

__all__ = ["components", "fraction", "shuffled", "stratum"]


def components(count: int, keys: Sequence[SplitKey], clusters: Iterable[Sequence[int]]) -> list[list[int]]:
    """Parts of 0…count-1 that share a group or a cluster, directly or through others; each ascending, by their first.

    Args:
        count: how many examples there are.
        keys: of each; those without a group stand alone.
        clusters: indices of near copies.
    """
    parents = list(range(count))

    def root(index: int) -> int:
        while parents[index] != index:
            parents[index] = parents[parents[index]]  # halves the path
            index = parents[index]
        return index

    def unite(left: int, right: int) -> None:
        left, right = root(left), root(right)
        parents[max(left, right)] = min(left, right)

    first: dict[str, int] = {}
    for index, key in enumerate(keys):
        if key.group is not None:
            unite(first.setdefault(key.group, index), index)
    for cluster in clusters:
        for index in cluster[1:]:
            unite(cluster[0], index)
    found: dict[int, list[int]] = {}
    for index in range(count):
        found.setdefault(root(index), []).append(index)
    return list(found.values())


def shuffled(example: Example, seed: int) -> bytes:
    """A key to sort by that looks random and depends on the seed and the example's id only."""
    return hashlib.blake2b(f"{seed}\0{example.id}".encode(), digest_size=16).digest()


def fraction(text: str, seed: int, purpose: str = "split") -> float:
    """A number in [0, 1) that looks random and depends on the arguments only; the same on every machine."""
    digest = hashlib.blake2b(f"{seed}\0{purpose}\0{text}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 11) / 2**53  # as many bits as a float holds, so never 1


def stratum(example: Example, names: Sequence[str]) -> tuple[str, ...]:
    """The values of an example for `label` and slice names.

    Raises:
        SpecError: a name is neither.
    """
    known = {**example.slices, "label": example.label}
    for place, name in enumerate(names):
        if name not in known:
            raise SpecError(
                f"there is no slice {name!r} to stratify by",
                where=f"data.split.stratify.{place}",
                expected="label, or a name from data.slices",
                hint=did_you_mean(name, known),
            )
    return tuple(known[name] for name in names)
