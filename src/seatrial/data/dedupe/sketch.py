"""What is kept of each text for the search: a digest, band keys and shingles. Made in chunks, in any process.

The digests and keys take about 100 bytes a text in memory. The shingles, which grow with the texts, lie in a file that
the system may drop from memory. Refuses to know: where texts come from, which copy stays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np

from seatrial.data.dedupe.exact import normalized
from seatrial.data.dedupe.minhash import HASHES, band_keys, signatures
from seatrial.data.dedupe.shingles import Shingles, shingle_sets

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Sketch", "SketchStore", "sketch"]


@dataclass(frozen=True, slots=True)
class Sketch:
    """Of n texts.

    Attributes:
        digests: [n, 2]; texts that `normalized` makes the same have the same.
        keys: [n, bands] of their MinHash signatures; no bands where near copies are not asked for.
        shingles: of each text; empty where near copies are not asked for.
    """

    digests: NDArray[np.uint64]
    keys: NDArray[np.uint32]
    shingles: Shingles


def sketch(texts: Sequence[str], rows: int | None) -> Sketch:
    """The sketch of each text, the same alone or among others.

    Args:
        texts: at least one.
        rows: hashes per band, see `rows_per_band`; None for exact copies only.
    """
    forms = [normalized(text) for text in texts]
    found = b"".join(hashlib.blake2b(form.encode("utf-8", "surrogatepass"), digest_size=16).digest() for form in forms)
    digests = np.frombuffer(found, dtype="<u8").reshape(-1, 2).astype(np.uint64)
    if rows is None:
        none = Shingles(np.empty(0, np.uint32), np.zeros(len(texts) + 1, np.int64))
        return Sketch(digests, np.empty((len(texts), 0), np.uint32), none)
    sets = shingle_sets(forms)
    return Sketch(digests, band_keys(signatures(sets), rows), sets)


class SketchStore:
    """Sketches of chunks, put together; a context manager that owns a file for the shingles.

    Args:
        file: where the shingles go; must not exist.
        rows: as for `sketch`.
    """

    def __init__(self, file: Path, rows: int | None) -> None:
        self._path = file
        self._file = file.open("xb")
        self._bands = HASHES // rows if rows else 0
        self._digests: list[NDArray[np.uint64]] = []
        self._keys: list[NDArray[np.uint32]] = []
        self._sizes: list[NDArray[np.int32]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def add(self, part: Sketch) -> None:
        """Append the sketches of a chunk."""
        self._digests.append(part.digests)
        self._keys.append(part.keys)
        self._sizes.append(part.shingles.sizes.astype(np.int32))
        self._file.write(part.shingles.values.data)

    def whole(self) -> Sketch:
        """All sketches so far, in order; to be used within the context."""
        self._file.flush()
        sizes = np.concatenate(self._sizes) if self._sizes else np.empty(0, np.int32)
        starts = np.concatenate(([0], np.cumsum(sizes, dtype=np.int64)))
        values: NDArray[np.uint32] = (
            np.memmap(self._path, dtype=np.uint32, mode="r") if starts[-1] else np.empty(0, np.uint32)
        )
        digests = np.concatenate([np.empty((0, 2), np.uint64), *self._digests])
        self._digests = [digests]
        keys = np.concatenate([np.empty((0, self._bands), np.uint32), *self._keys])
        self._keys, self._sizes = [keys], [sizes]
        return Sketch(digests, keys, Shingles(values, starts))
