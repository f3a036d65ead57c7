"""Copies among collected examples: exact ones go, near and semantic ones go or stay together, as the project says.

Refuses to know: how copies are found, and how a model makes vectors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from seatrial.data.base import ReadsRows
from seatrial.data.collect import Collected
from seatrial.data.dedupe import Copies, copies_to_drop, exact_clusters, near_clusters
from seatrial.data.drops import DropLog
from seatrial.errors import SpecError
from seatrial.progress import Progress
from seatrial.records import SPLITS
from seatrial.spec.data_dedupe import Dedupe

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Embed = Callable[[Sequence[str]], NDArray[np.float32]]

__all__ = ["drop_exact", "similar"]

Clusters = list[list[int]]
EMBED_TEXTS = 1024


def drop_exact(found: Collected, dedupe: Dedupe, *, task: ReadsRows, drops: DropLog) -> dict[str, int]:
    """Take exact copies out of `found`.

    Returns:
        `exact_copies`, how many went, and of these `conflicting_copies`, how many for their labels.
    """
    if not dedupe.exact:
        return {"exact_copies": 0, "conflicting_copies": 0}
    copies = _judged(exact_clusters(_texts(found, task)), found, dedupe, task)
    found.leave_out(copies.reasons("exact"), "dedupe", task, drops)
    conflicting = len(copies.outvoted) + len(copies.undecided)
    return {"exact_copies": len(copies.same) + conflicting, "conflicting_copies": conflicting}


def similar(
    found: Collected, dedupe: Dedupe, *, task: ReadsRows, drops: DropLog, embed: Embed | None, progress: Progress
) -> tuple[Clusters, dict[str, int]]:
    """Find near copies, then semantic ones; with ``similar: drop`` take all but one of each cluster out of `found`.

    Args:
        found: the examples.
        dedupe: the section of the project file.
        task: gives texts.
        drops: told of everything that is taken out.
        embed: texts → vectors [n, dimensions]; needed for semantic copies.
        progress: hears the steps.

    Returns:
        What must stay together, as indices of what is left: no index is in two clusters. And `near_copies`,
        `near_copy_clusters`, and the same for semantic copies where they are asked for: how many were found.

    Raises:
        SpecError: semantic copies are asked for, and there is no `embed`.
    """
    near = _near(_texts(found, task), dedupe, progress)
    facts = {"near_copies": sum(map(len, near)), "near_copy_clusters": len(near)}
    if dedupe.similar == "drop":
        found.leave_out(_judged(near, found, dedupe, task).reasons("near"), "dedupe", task, drops)
        near = []
    if dedupe.semantic is None:
        return near, facts
    semantic = _semantic(_texts(found, task), dedupe.semantic, embed, progress)
    facts |= {"semantic_copies": sum(map(len, semantic)), "semantic_copy_clusters": len(semantic)}
    if dedupe.similar == "drop":
        found.leave_out(_judged(semantic, found, dedupe, task).reasons("semantic"), "dedupe", task, drops)
        return [], facts
    return _joined([*near, *semantic], len(found.examples)), facts


def _near(texts: Sequence[str], dedupe: Dedupe, progress: Progress) -> Clusters:
    if dedupe.near is None:
        return []
    progress("near copies", 0, len(texts))
    clusters = near_clusters(texts, dedupe.near)
    progress("near copies", len(texts), len(texts))
    return clusters


def _semantic(texts: Sequence[str], threshold: float, embed: Embed | None, progress: Progress) -> Clusters:
    import numpy as np

    from seatrial.data.dedupe.semantic import semantic_clusters

    if embed is None:
        raise SpecError("semantic copies need a model", where="data.dedupe.semantic", hint="leave it out")
    parts = []
    for start in range(0, len(texts), EMBED_TEXTS):
        progress("vectors", start, len(texts))
        parts.append(np.asarray(embed(texts[start : start + EMBED_TEXTS]), dtype=np.float32))
    progress("vectors", len(texts), len(texts))
    return semantic_clusters(np.concatenate(parts), threshold, progress) if parts else []


def _joined(clusters: Clusters, count: int) -> Clusters:
    """Clusters that share a member are one."""
    import numpy as np

    from seatrial.data.dedupe.unions import clusters_of, unite

    parents = np.arange(count, dtype=np.int64)
    left = [members[0] for members in clusters for _ in members]
    right = [index for members in clusters for index in members]
    unite(parents, np.array(left, dtype=np.int64), np.array(right, dtype=np.int64))
    return clusters_of(parents)


def _judged(clusters: Clusters, found: Collected, dedupe: Dedupe, task: ReadsRows) -> Copies:
    """What goes. A split that others measure on must not shrink, and what nobody has labelled is worth less."""
    ranks = [SPLITS[::-1].index(key.given) if key.given else 0 for key in found.keys]
    ranks = [rank + len(SPLITS) * weak for rank, weak in zip(ranks, found.unlabelled, strict=True)]
    known = zip(found.examples, found.unlabelled, strict=True)
    labels = ["" if weak else example.label for example, weak in known]
    lengths = list(map(len, _texts(found, task)))
    return copies_to_drop(clusters, dedupe.keep, labels=labels, lengths=lengths, ranks=ranks)


def _texts(found: Collected, task: ReadsRows) -> list[str]:
    return [task.text(example) for example in found.examples]
