"""What was found: clusters with their similarities, the fate of each row, and the file in which people read them."""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal

import numpy as np

from seatrial.data.dedupe.corpus import Corpus
from seatrial.data.dedupe.keep import REASONS, Keep, judge_cluster

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["KINDS", "Findings", "Kind", "TextStarts"]

Kind = Literal["exact", "near", "semantic"]
KINDS: tuple[Kind, ...] = ("exact", "near", "semantic")
FATES = ("", "copies", "outvoted", "undecided", "leaked")
START_CHARS = 200


class Findings:
    """Clusters and fates, gathered kind by kind.

    Args:
        corpus: the rows.
        keep: which member of a cluster stays.
    """

    def __init__(self, corpus: Corpus, keep: Keep) -> None:
        self._corpus, self._keep = corpus, keep
        self._fates = bytearray(len(corpus))
        self._clusters: list[tuple[Kind, array[int], array[float]]] = []
        self.clustered = bytearray(len(corpus))
        """1 where the row is in a cluster."""
        self.counts: Counter[Kind] = Counter()
        """Clusters by kind."""
        self._across: Counter[tuple[Kind, tuple[str, ...]]] = Counter()

    def left(self) -> NDArray[np.int64]:
        """Indices of the rows that stay so far and have a text."""
        stays = np.frombuffer(self._fates, np.uint8) == 0
        return np.flatnonzero(stays & (np.frombuffer(self._corpus.lengths, np.intc) > 0))

    def add(
        self,
        kind: Kind,
        clusters: Sequence[Sequence[int]],
        similarity: Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.float64]],
    ) -> None:
        """Take the clusters of one kind and decide them.

        Args:
            kind: how they are alike.
            clusters: indices in ascending order, of rows that stay so far.
            similarity: of the texts `left[i]` and `right[i]`.
        """
        corpus = self._corpus
        stands: list[int] = []  # for each member, the one it is compared with
        names = list(corpus.part_names)
        for members in clusters:
            verdict = judge_cluster(
                members, self._keep, labels=corpus.labels, lengths=corpus.lengths, protected=corpus.protected
            )
            for fate in range(1, len(FATES)):
                for index in getattr(verdict, FATES[fate]):
                    self._fates[index] = 4 * _number(kind) + fate
            stands += [(verdict.kept or members)[0]] * len(members)
            for index in members:
                self.clustered[index] = 1
            between = {corpus.parts[index] for index in members}
            if len(between) > 1:
                self._across[kind, tuple(sorted(names[part] for part in between))] += 1
        flat = np.array([index for members in clusters for index in members], dtype=np.int64)
        alike = array("f", similarity(np.array(stands, dtype=np.int64), flat))
        start = 0
        for members in clusters:
            self._clusters.append((kind, array("q", members), alike[start : start + len(members)]))
            start += len(members)
        self.counts[kind] += len(clusters)

    def fate(self, index: int) -> tuple[Kind, str] | None:
        """Why the row goes, as kind and reason; None where it stays."""
        code = self._fates[index]
        if not code:
            return None
        kind = KINDS[(code - 1) // 4]
        return kind, REASONS[FATES[(code - 1) % 4 + 1]].format(kind)

    def across(self) -> list[dict[str, Any]]:
        """Rows {kind, between, clusters}: how many clusters lie in several files or splits, the most frequent first."""
        ordered = sorted(self._across.items(), key=lambda item: (-item[1], item[0]))
        return [{"kind": kind, "between": list(names), "clusters": count} for (kind, names), count in ordered]

    def write(self, file: IO[str], names: Sequence[str], starts: TextStarts) -> None:
        """One JSON line per cluster: its number, its kind, the places that stay, and its members.

        Args:
            file: open for writing.
            names: of the files, by number.
            starts: the beginning of each member's text.
        """
        corpus = self._corpus
        for number, (kind, members, similarities) in enumerate(self._clusters, start=1):
            rows = []
            for index, similarity in zip(members, similarities, strict=True):
                place = {"file": names[corpus.files[index]], "row": corpus.numbers[index]}
                told = {"kept": self._stayed(index, kind), "similarity": round(similarity, 4), "text": starts[index]}
                rows.append(place | told)
            kept = [{"file": row["file"], "row": row["row"]} for row in rows if row["kept"]]
            line = {"cluster": number, "kind": kind, "kept": kept, "members": rows}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def _stayed(self, index: int, kind: Kind) -> bool:
        """Whether the row was kept from its cluster of this kind; a later kind may have dropped it."""
        code = self._fates[index]
        return not code or (code - 1) // 4 > _number(kind)


def _number(kind: Kind) -> int:
    return KINDS.index(kind)


class TextStarts:
    """The beginning of the texts of rows in clusters, in a file, because there may be as many as there are rows.

    Args:
        file: a temporary one; the caller removes it.
        rows: how many rows there are.
    """

    def __init__(self, file: Path, rows: int) -> None:
        self._file = file.open("w+b")
        self._offsets = array("q", bytes(8 * rows))
        self._end = 0

    def __enter__(self) -> TextStarts:
        return self

    def __exit__(self, *raised: object) -> None:
        self._file.close()

    def add(self, index: int, text: str) -> None:
        """Remember a row's text; only its start is kept."""
        found = text[:START_CHARS].encode("utf-8", "replace")
        self._offsets[index] = self._end
        self._file.write(len(found).to_bytes(4, "little") + found)
        self._end += 4 + len(found)

    def __getitem__(self, index: int) -> str:
        self._file.seek(self._offsets[index])
        length = int.from_bytes(self._file.read(4), "little")
        return self._file.read(length).decode("utf-8")
