"""The fast engine for CPUs: a decoder graph of `export.decoder_graph` in onnxruntime; numpy and nothing else beside it.

The cache is one buffer per layer, bound once as input and as output, in which a slot is a row. A step over several
sequences wants their rows side by side, so rows are exchanged when sequences come and go, which costs a copy of what
they hold; slots keep their numbers.

Refuses to know: torch, how a graph is made, what is generated.

Shapes: R rows of the cache (slots), K key-value heads, S context, D width of a head, B sequences, V vocabulary.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seatrial.errors import ArtifactError
from seatrial.models.onnx_file import open_onnx

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

__all__ = ["OnnxEngine", "open_engine"]

FILE = "model.onnx"
FACTS = "seatrial.decoder"


def open_engine(folder: Path, *, slots: int = 8, context: int | None = None, threads: int | None = None) -> OnnxEngine:
    """Open a folder that `export.decoder_graph.write_decoder` wrote; see `base.OpenEngine`."""
    return OnnxEngine(folder / FILE, slots=slots, context=context, threads=threads)


class OnnxEngine:
    """An engine; see `base.Engine`.

    Args:
        file: a decoder graph.
        slots: sequences at a time (R).
        context: tokens a slot can hold (S); None takes the model's own. Memory is taken as it is used.
        threads: that compute; None takes the cores this process may use.

    Raises:
        ArtifactError: the file is missing or no such graph.
    """

    def __init__(self, file: Path, *, slots: int = 8, context: int | None = None, threads: int | None = None) -> None:
        hint = "write it again with export.decoder_graph.write_decoder"
        self._session = open_onnx(file, threads, sleep_between_calls=False, hint=hint)
        facts = _facts(self._session, file)
        self.vocabulary: int = facts["vocabulary"]
        self.context: int = min(context or facts["context"], facts["context"])
        self.slots = slots
        shape = (slots, facts["kv_heads"], self.context, facts["head_width"])
        names = [f"{layer}.{part}" for layer in range(facts["layers"]) for part in ("key", "value")]
        self._cache: dict[str, Floats] = {name: np.zeros(shape, dtype=np.float32) for name in names}
        self._lengths = [0] * slots  # by row
        self._row_of = list(range(slots))  # by slot
        self._slot_of = list(range(slots))  # by row
        self._calls: dict[tuple[int, int], _Call] = {}

    def prefill(self, slot: int, token_ids: Sequence[int], last: int = 1) -> Floats:
        """Append tokens to one sequence; see `base.Engine`."""
        row, count = self._row_of[slot], len(token_ids)
        length = self._lengths[row] + count
        self._check_room(length)
        # The graph wants at least one row; where none is asked for it is not looked at.
        rows = np.arange(count - max(last, 1), count, dtype=np.int64)
        call = _Call(self._session, self._rows(row, 1), rows, self.vocabulary)
        logits = call.run(np.asarray([token_ids], dtype=np.int64), [length])
        self._lengths[row] = length
        return logits[:last] if last == 0 else logits

    def decode(self, slots: Sequence[int], token_ids: Sequence[int]) -> Floats:
        """Append one token to each of several sequences; see `base.Engine`."""
        first = self._side_by_side(slots)
        count = len(slots)
        rows = [self._row_of[slot] - first for slot in slots]
        lengths = [length + 1 for length in self._lengths[first : first + count]]
        self._check_room(max(lengths))
        call = self._calls.get((first, count))
        if call is None:
            every = np.arange(count, dtype=np.int64)
            held = self._rows(first, count)
            call = self._calls[first, count] = _Call(self._session, held, every, self.vocabulary)
        ordered = np.empty((count, 1), dtype=np.int64)
        ordered[rows, 0] = token_ids
        logits = call.run(ordered, lengths)
        self._lengths[first : first + count] = lengths
        return logits if rows == list(range(count)) else logits[rows]

    def copy(self, source: int, target: int) -> None:
        """Let `target` hold what `source` holds."""
        one, other = self._row_of[source], self._row_of[target]
        length = self._lengths[other] = self._lengths[one]
        for buffer in self._cache.values():
            buffer[other, :, :length] = buffer[one, :, :length]

    def trim(self, slot: int, length: int) -> None:
        """Forget all but the first `length` tokens of a slot."""
        row = self._row_of[slot]
        self._lengths[row] = min(self._lengths[row], length)

    def _rows(self, first: int, count: int) -> dict[str, Floats]:
        """The buffers of neighbouring rows, [count, K, S, D]."""
        return {name: buffer[first : first + count] for name, buffer in self._cache.items()}

    def _check_room(self, length: int) -> None:
        if length > self.context:
            raise ValueError(f"{length} tokens do not fit into a context of {self.context}")

    def _side_by_side(self, slots: Sequence[int]) -> int:
        """Exchange rows until those of the slots are neighbours; gives the first. Most often they are already."""
        rows = sorted(self._row_of[slot] for slot in slots)
        count = len(rows)
        if rows[-1] - rows[0] + 1 == count:
            return rows[0]
        inside = [[row for row in rows if first <= row < first + count] for first in range(self.slots - count + 1)]
        first = max(range(len(inside)), key=lambda place: len(inside[place]))
        outside = sorted(set(rows) - set(inside[first]))
        for row in range(first, first + count):
            if row not in inside[first]:
                self._exchange(row, outside.pop())
        return first

    def _exchange(self, one: int, other: int) -> None:
        """Exchange what two rows hold, and which slots they are."""
        here, there = self._lengths[one], self._lengths[other]
        for buffer in self._cache.values():
            kept = buffer[one, :, :here].copy()
            buffer[one, :, :there] = buffer[other, :, :there]
            buffer[other, :, :here] = kept
        self._lengths[one], self._lengths[other] = there, here
        first, second = self._slot_of[one], self._slot_of[other]
        self._slot_of[one], self._slot_of[other] = second, first
        self._row_of[first], self._row_of[second] = other, one


class _Call:
    """A call of the graph for some neighbouring rows: everything that stays the same is bound once.

    Arrays are bound where they lie, so that filling them in is all that the next call needs.
    """

    def __init__(self, session: Any, cache: Mapping[str, Floats], rows: NDArray[np.int64], vocabulary: int) -> None:
        count = next(iter(cache.values())).shape[0]
        self._session, self._binding = session, session.io_binding()
        self._held: list[Any] = []  # an OrtValue points into its array and does not keep it alive
        self._logits = np.empty((len(rows), vocabulary), dtype=np.float32)
        self._seqlens = np.empty(count, dtype=np.int32)
        self._total = np.zeros((), dtype=np.int32)
        self._input_ids: NDArray[np.int64] | None = None
        for name, array in (("seqlens_k", self._seqlens), ("total_sequence_length", self._total), ("rows", rows)):
            self._binding.bind_ortvalue_input(name, self._value(array))
        self._binding.bind_ortvalue_output("logits", self._value(self._logits))
        for name, buffer in cache.items():
            value = self._value(buffer)
            self._binding.bind_ortvalue_input(f"past.{name}", value)
            self._binding.bind_ortvalue_output(f"present.{name}", value)

    def run(self, input_ids: NDArray[np.int64], lengths: Sequence[int]) -> Floats:
        """Logits of the rows.

        Args:
            input_ids: [B, T], of the same shape at each call.
            lengths: of each sequence after this call.
        """
        if self._input_ids is None:
            self._input_ids = input_ids
            self._binding.bind_ortvalue_input("input_ids", self._value(input_ids))
        self._input_ids[...] = input_ids
        self._seqlens[:] = lengths
        self._seqlens -= 1
        self._total[...] = max(lengths)
        self._session.run_with_iobinding(self._binding)
        return self._logits

    def _value(self, array: NDArray[Any]) -> Any:
        import onnxruntime

        value = onnxruntime.OrtValue.ortvalue_from_numpy(array)
        self._held += [array, value]
        return value


def _facts(session: Any, file: Path) -> dict[str, int]:
    metadata = session.get_modelmeta().custom_metadata_map
    if FACTS not in metadata:
        raise ArtifactError(
            "the file is not a decoder of ours",
            where=str(file),
            expected=f"a graph with the metadata entry {FACTS}",
            hint="write it with export.decoder_graph.write_decoder",
        )
    facts: dict[str, int] = json.loads(metadata[FACTS])
    return facts
