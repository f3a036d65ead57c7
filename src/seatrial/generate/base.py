"""What decoding asks of an engine: a network with a cache of keys and values, cut into slots.

A slot holds one sequence. The scheduler hands slots out and takes them back; an engine only appends tokens to a slot,
forgets from its end and copies one to another. Fifteen lines of arithmetic are an engine too, which is how the
scheduler is tested.

Refuses to know: requests, sampling, threads. An engine is used by one thread at a time.

Shapes: B sequences, N positions, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

__all__ = ["Engine", "OpenEngine"]


class Engine(Protocol):
    """A network that continues sequences.

    Logits are float32 and belong to the caller until its next call; it may change them in place. Slots are numbered
    from 0 and are empty at first. Whatever an engine raises ends the sequences of that call; it must be usable after.
    """

    @property
    def vocabulary(self) -> int:
        """How many logits a position has (V); token ids are below it."""
        ...

    @property
    def context(self) -> int:
        """How many tokens a slot can hold."""
        ...

    @property
    def slots(self) -> int:
        """How many sequences it holds at a time."""
        ...

    def prefill(self, slot: int, token_ids: Sequence[int], last: int = 1) -> Floats:
        """Append tokens to one sequence.

        Args:
            slot: whose.
            token_ids: one or more, as many as fit into the context.
            last: for how many of them, from the end, logits are wanted: 0 for a prompt that goes on, 1 for its end,
                all to check a draft.

        Returns:
            Logits of what follows each of them, [last, V].
        """
        ...

    def decode(self, slots: Sequence[int], token_ids: Sequence[int]) -> Floats:
        """Append one token to each of several sequences, whatever their lengths; logits [B, V] in their order."""
        ...

    def copy(self, source: int, target: int) -> None:
        """Let `target` hold what `source` holds."""
        ...

    def trim(self, slot: int, length: int) -> None:
        """Forget all but the first `length` tokens of a slot; 0 frees it. Never raises."""
        ...


class OpenEngine(Protocol):
    """Opens a model folder. Raises ArtifactError where it does not hold what the engine runs."""

    def __call__(
        self, folder: Path, *, slots: int = 8, context: int | None = None, threads: int | None = None
    ) -> Engine:
        """Open it.

        Args:
            folder: of the model.
            slots: sequences at a time.
            context: tokens a slot can hold; None takes the model's own limit.
            threads: that compute; None takes the cores this process may use.
        """
        ...
