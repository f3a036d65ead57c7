"""Training examples and the steps of the project file → the new examples, and what became of each step.

Every step starts from the examples of the sources, never from what another step made. Refuses to know what a method
does with a text.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from seatrial.data.augment.base import Asked, Augmenter, EncoderWords, HoldsText, Joined, Material
from seatrial.data.augment.build import build_methods
from seatrial.data.dedupe.exact import normalized
from seatrial.data.dedupe.near import near_clusters
from seatrial.data.split.components import fraction
from seatrial.errors import SpecError
from seatrial.progress import Progress, silent
from seatrial.records import Augmented, Example
from seatrial.spec.data_augment import Augmentation

__all__ = ["Augmentations", "augment"]

MORE_ROUNDS = 1
"""How often all examples are gone through beyond what the amount takes: in some texts nothing can be changed."""


@dataclass(frozen=True, slots=True)
class Augmentations:
    """What was made.

    Attributes:
        examples: the new examples, step by step; `augmented` says how and from which.
        table: one row per step and label: {method, label, made}.
        left_out: one row per step and reason: {method, reason, count}.
    """

    examples: list[Example]
    table: list[dict[str, Any]]
    left_out: list[dict[str, Any]]


def augment(
    train: Sequence[Example],
    steps: Sequence[Augmentation],
    *,
    task: HoldsText,
    held_out: Sequence[Example],
    near: float | None,
    seed: int,
    root: Path,
    encoder: EncoderWords | None = None,
    progress: Progress = silent,
) -> Augmentations:
    """Make further training examples.

    Args:
        train: the examples to start from.
        steps: what to make, in order.
        task: gives texts, and examples with another text.
        held_out: validation and test; nothing like them is made.
        near: Jaccard similarity from which a new text is too like one of them; None checks for exact copies only.
        seed: with it, the same arguments give the same examples.
        root: the project folder.
        encoder: what methods may ask about words; None where there is none.
        progress: hears ``"augment"``, in steps.

    Raises:
        SpecError: a step that cannot be meant.
        DataError: a file that a step names cannot be used.
        SeatrialError: a step needs something that is not there.
    """
    methods = build_methods(steps)
    if any(example.spans for example in train):
        _refuse_new_texts(steps, [method.copies for method in methods])
    texts: dict[str, list[str]] = {}
    partners: dict[tuple[str, str], Example] = {}
    for example in train:
        texts.setdefault(example.label, []).append(task.text(example))
        partners.setdefault((example.label, task.text(example)), example)
    seen = {_digest(task.text(example)) for example in (*train, *held_out)}
    made: list[Example] = []
    left_out: Counter[tuple[int, str]] = Counter()
    places: list[int] = []
    for place, (step, method) in enumerate(zip(steps, methods, strict=True)):
        progress("augment", place, len(steps))
        work = method.ready(Material(texts, root, encoder, f"data.augment.{place}"))
        counts = Counter(example.label for example in train)
        for count, pool in _pools(train, step, counts):
            for example, new in _new_texts(pool, count, work, task=task, seed=seed, place=place, once=method.once):
                text = new.text if isinstance(new, Joined) else new
                digest = _digest(text)
                if not method.copies and digest in seen:
                    left_out[place, "already in the data"] += 1
                    continue
                seen.add(digest)
                other = partners.get((example.label, new.other)) if isinstance(new, Joined) else None
                made.append(_example(_mean(example, other), text, step.method, task, f"{place}\0{len(made)}"))
                places.append(place)
    progress("augment", len(steps), len(steps))
    leaking = _near_held_out(made, held_out, near, task)
    left_out.update((places[index], "like a held-out text") for index in leaking)
    kept = [index for index in range(len(made)) if index not in leaking]
    by_label = Counter((places[index], made[index].label) for index in kept)
    return Augmentations(
        [made[index] for index in kept],
        [{"method": steps[p].method, "label": label, "made": n} for (p, label), n in sorted(by_label.items())],
        [{"method": steps[p].method, "reason": why, "count": n} for (p, why), n in sorted(left_out.items())],
    )


def _refuse_new_texts(steps: Sequence[Augmentation], copies: Sequence[bool]) -> None:
    """Labelled parts are known by their places, which a new text does not keep."""
    for place, step in enumerate(steps):
        if not copies[place]:
            raise SpecError(
                f"{step.method} changes texts, and parts of these texts are labelled",
                where=f"data.augment.{place}.method",
                expected="repeat, which leaves them as they are",
            )


def _pools(
    train: Sequence[Example], step: Augmentation, counts: Counter[str]
) -> Iterator[tuple[int, Sequence[Example]]]:
    """How many to make, from which examples."""
    taken = [example for example in train if not step.labels or example.label in step.labels]
    if step.balance is None:
        yield round(step.share * len(taken)), taken
        return
    wanted = round(step.balance * max(counts.values(), default=0))
    for label in sorted({example.label for example in taken}):
        if counts[label] < wanted:
            yield wanted - counts[label], [example for example in taken if example.label == label]


def _new_texts(
    pool: Sequence[Example], count: int, work: Augmenter, *, task: HoldsText, seed: int, place: int, once: bool
) -> Iterator[tuple[Example, str | Joined]]:
    """`count` examples in a seeded order with a new text each; fewer where nothing can be changed in most of them."""
    if not pool or not count:
        return
    order = sorted(pool, key=lambda example: (fraction(example.id, seed, f"augment {place}"), example.id))
    rounds = 1 if once else math.ceil(count / len(pool)) + MORE_ROUNDS
    waiting = ((copy, example) for copy in range(rounds) for example in order)
    while count and (batch := list(islice(waiting, count))):
        asked = [
            Asked(task.text(e), e.label, Random(f"{seed}\0{place}\0{copy}\0{e.id}"))  # noqa: S311 - no secret
            for copy, e in batch
        ]
        for (_, example), text in zip(batch, work(asked), strict=True):
            if text is not None:
                count -= 1
                yield example, text


def _mean(example: Example, other: Example | None) -> Example:
    """The example with the mean of both soft labels, where both have one."""
    if other is None or example.distribution is None or other.distribution is None:
        return example
    shares = zip(example.distribution, other.distribution, strict=True)
    return replace(example, distribution=tuple((one + two) / 2 for one, two in shares))


def _example(origin: Example, text: str, method: str, task: HoldsText, number: str) -> Example:
    digest = hashlib.sha256(f"{origin.id}\0{method}\0{number}".encode()).hexdigest()[:16]
    return replace(task.with_text(origin, text), id=digest, augmented=Augmented(method, origin.id))


def _near_held_out(
    made: Sequence[Example], held_out: Sequence[Example], near: float | None, task: HoldsText
) -> set[int]:
    """Places in `made` whose text is a near copy of a held-out one."""
    if near is None or not made or not held_out:
        return set()
    clusters = near_clusters([task.text(example) for example in (*held_out, *made)], near)
    first = len(held_out)
    return {index - first for cluster in clusters if cluster[0] < first for index in cluster if index >= first}


def _digest(text: str) -> bytes:
    return hashlib.blake2b(normalized(text).encode("utf-8", "surrogatepass"), digest_size=16).digest()
