"""Answers that were given before: exact matches only, least recently used out first, bounded in bytes.

The tenant is part of the key. A shared entry would answer faster, and so tell one tenant what another has asked.

Texts are kept as BLAKE2b digests of 16 bytes and not as themselves: 49 bytes for a text of any length, where a tuple
with the text takes 105 and its length, and what customers wrote is not held longer than their request. That costs
0.4 µs for a text of 100 characters. The hash is keyed with random bytes of this process, so that nobody can prepare two
texts that collide.

Refuses to know: what the rows mean, and how a parameter changes an answer.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["ResponseCache"]

DIGEST_BYTES = 16
ENTRY_BYTES = 320
"""What an entry takes besides its row, at most: the digest (49), the pair of row and model (56) and its place in the
ordered dictionary (110 to 200, depending on when that has last grown), each rounded up as the allocator does. Measured
on CPython 3.11; a test compares it with the allocator."""

DROP_STEP = 1_000
"""At most about 0.5 ms of other calls waiting."""

Row = NDArray[np.float32]


class ResponseCache:
    """Rows of numbers by tenant, model, parameters and text. Calls from several threads are safe.

    Every call is O(1) per text, except `drop`.

    Args:
        max_bytes: memory that keys and rows may take together; 0 keeps nothing.

    Attributes:
        hits: texts that were found.
        misses: texts that were not.
        evictions: entries that made room for others; dropped ones are not counted.
        bytes_used: what the entries take now.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.hits = 0
        self.misses = 0
        self.evictions = 0
        self.bytes_used = 0
        self._secret = os.urandom(DIGEST_BYTES)
        self._entries: OrderedDict[bytes, tuple[Row, str]] = OrderedDict()  # least recently used first
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Entries that are kept."""
        return len(self._entries)

    def get_many(self, tenant: str, model_digest: str, parameters: str, texts: Sequence[str]) -> list[Row | None]:
        """The rows that are kept, in the order of the texts, None where there is none.

        Args:
            tenant: who asks; finds only what was put for the same tenant.
            model_digest: digest of the release that would compute the row.
            parameters: everything else that changes the row, in one spelling: ``""``, ``"normalize=true"``.
            texts: as the client sent them; not a character may differ.

        Returns:
            float32 rows that cannot be written to; the same object for every hit.
        """
        if not self.max_bytes:
            return [None] * len(texts)
        keys = self._keys(tenant, model_digest, parameters, texts)
        found: list[Row | None] = []
        with self._lock:
            for key in keys:
                entry = self._entries.get(key)
                if entry is None:
                    self.misses += 1
                    found.append(None)
                else:
                    self._entries.move_to_end(key)
                    self.hits += 1
                    found.append(entry[0])
        return found

    def put_many(
        self, tenant: str, model_digest: str, parameters: str, texts: Sequence[str], rows: Iterable[Row]
    ) -> None:
        """Keep a row per text, and let go of the entries unused for the longest when that takes too much.

        Args:
            tenant, model_digest, parameters, texts: as for `get_many`.
            rows: one per text, float32, of any shape. A view is copied, because it would keep its whole batch alive.
        """
        if not self.max_bytes:
            return
        keys = self._keys(tenant, model_digest, parameters, texts)
        with self._lock:
            for key, row in zip(keys, rows, strict=True):
                self._forget(key)
                size = ENTRY_BYTES + _row_bytes(row)
                if size > self.max_bytes:
                    continue
                self._entries[key] = (_frozen(row), model_digest)
                self.bytes_used += size
                while self.bytes_used > self.max_bytes:
                    self._forget(next(iter(self._entries)))
                    self.evictions += 1

    def drop(self, model_digest: str) -> int:
        """Let go of everything that a model has computed, when it is unloaded.

        Looks at every entry, which takes 0.1 µs each that stays and 0.5 µs each that goes; an index would be paid for
        at every `put_many`. Best called in a thread: the lock is held for `DROP_STEP` entries at a time. What a request
        that is still under way puts for this model meanwhile may stay; nobody asks for it any more, so it ages out.

        Returns:
            How many entries there were.
        """
        with self._lock:
            keys = list(self._entries)
        dropped = 0
        for start in range(0, len(keys), DROP_STEP):
            with self._lock:
                for key in keys[start : start + DROP_STEP]:
                    entry = self._entries.get(key)
                    if entry is not None and entry[1] == model_digest:
                        self._forget(key)
                        dropped += 1
        return dropped

    def _keys(self, tenant: str, model_digest: str, parameters: str, texts: Sequence[str]) -> list[bytes]:
        """One digest per text. Lengths go before the parts, so that no two scopes run together."""
        scope = hashlib.blake2b(key=self._secret, digest_size=DIGEST_BYTES)
        for part in (tenant, model_digest, parameters):
            encoded = part.encode("utf-8", "surrogatepass")
            scope.update(len(encoded).to_bytes(8, "big") + encoded)
        keys = []
        for text in texts:
            state = scope.copy()
            state.update(text.encode("utf-8", "surrogatepass"))
            keys.append(state.digest())
        return keys

    def _forget(self, key: bytes) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.bytes_used -= ENTRY_BYTES + _row_bytes(entry[0])


def _row_bytes(row: Row) -> int:
    """What a row of our own takes; `sys.getsizeof` would not count the numbers of a view that is to be copied."""
    return 96 + 16 * row.ndim + 4 * row.size


def _frozen(row: Row) -> Row:
    """The row itself if it is float32, owns its numbers and cannot be written to; else such a copy."""
    if row.dtype == np.float32 and row.base is None and not row.flags.writeable:
        return row
    own = np.array(row, dtype=np.float32)
    own.setflags(write=False)
    return own
