"""Learning the next token: packed rows of documents, cross-entropy, and a validation over whole documents.

Refuses to know: which network it is, and whether a document is a text or messages.

Source: Radford et al. 2018, "Improving Language Understanding by Generative Pre-Training", §3.1; packing without
attention across documents: Grattafiori et al. 2024, "The Llama 3 Herd of Models", §3.2.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from seatrial.data.packing import NOTHING, PackedRows
from seatrial.errors import DataError
from seatrial.models.language_logits import causal_logits
from seatrial.models.reading import Reading
from seatrial.models.surprise import NATS
from seatrial.progress import Progress
from seatrial.records import Example
from seatrial.tasks.objective import Score

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

__all__ = ["Foresees", "NextToken", "Validated", "shuffled_batches"]

FEW = 0.8
"""Share of learned tokens in a batch below which logits are computed for these alone."""


class Foresees(Protocol):
    """What a validation asks of a task."""

    def rows(
        self,
        model: torch.nn.Module,
        tokenizer: Any,
        examples: Sequence[Example],
        reading: Reading,
        progress: Progress,
    ) -> NDArray[np.float32]:
        """See `Task.rows`; the model may be on any device."""

    def join(self, reading: Reading, parts: Sequence[NDArray[np.float32]]) -> Sequence[NDArray[np.float32]]:
        """See `Task.join`."""


@dataclass(frozen=True, slots=True)
class Validated:
    """The validation split of a language model.

    Attributes:
        task: gives the rows.
        tokenizer: reads the texts.
        examples: n examples.
        reading: of them.
    """

    task: Foresees
    tokenizer: Any
    examples: Sequence[Example]
    reading: Reading

    def __call__(self, model: torch.nn.Module, score: Score, progress: Progress) -> tuple[float, Mapping[str, float]]:
        """The mean surprise of a token in nats, and what `score` says. The model is left in the mode it was in."""
        was_training = model.training
        model.eval()
        try:
            rows = self.task.rows(model, self.tokenizer, self.examples, self.reading, progress)
        finally:
            model.train(was_training)
        outputs = self.task.join(self.reading, self.reading.parts(rows))
        counted = sum(map(len, outputs))
        nats = sum(float(output[:, NATS].sum(dtype=np.float64)) for output in outputs)
        return nats / max(counted, 1), score(outputs, self.examples)


class NextToken:
    """See `Objective`; an item is a row of packed documents.

    Args:
        packed: the training split.
        validation: the validation split.
        metric: that early stopping follows.
        lower_is_better: its direction.
        seed: of the order of the rows.
    """

    def __init__(
        self, packed: PackedRows, validation: Validated, *, metric: str, lower_is_better: bool, seed: int
    ) -> None:
        if not len(packed):
            raise DataError("the train split holds no text", where="data", hint="check which column holds it")
        self.metric, self.lower_is_better = metric, lower_is_better
        self._packed, self._validation, self._seed = packed, validation, seed
        self._learned = packed.learned
        self.lengths: Sequence[int] = [packed.input_ids.shape[1]] * len(packed)
        digest = hashlib.sha256()
        for array in (packed.input_ids, packed.targets, packed.documents):
            digest.update(array.tobytes())
        for window in validation.reading.windows:
            digest.update(np.asarray(window, dtype=np.int32).tobytes() + b"|")
        self.digest = digest.hexdigest()

    def batches(self, epoch: int, *, max_tokens: int, max_items: int) -> Sequence[Sequence[int]]:
        items = max(1, min(max_items, max_tokens // self.lengths[0]))
        return shuffled_batches(len(self._packed), items, seed=self._seed + epoch)

    def loss(self, model: torch.nn.Module, batch: Sequence[int], device: torch.device) -> torch.Tensor:
        """The mean cross-entropy over the tokens that are learned, in nats."""
        import torch
        from torch.nn.functional import cross_entropy

        def tensor(array: NDArray[np.int32]) -> torch.Tensor:
            return torch.from_numpy(array[list(batch)].astype(np.int64)).to(device)

        packed = self._packed
        where = {"positions": tensor(packed.positions), "documents": tensor(packed.documents)}
        targets_BT = tensor(packed.targets)
        if self.weight(batch) < FEW * targets_BT.numel():  # answers in conversations: most logits would be for nothing
            learned_BT = targets_BT != NOTHING
            logits_NV = causal_logits(model, tensor(packed.input_ids), **where, wanted=learned_BT)
            return cross_entropy(logits_NV.float(), targets_BT[learned_BT])
        logits_BTV = causal_logits(model, tensor(packed.input_ids), **where)
        return cross_entropy(logits_BTV.flatten(0, 1).float(), targets_BT.flatten(), ignore_index=NOTHING)

    def weight(self, batch: Sequence[int]) -> float:
        return float(self._learned[list(batch)].sum())

    def validate(
        self, model: torch.nn.Module, score: Score, device: torch.device, progress: Progress
    ) -> tuple[float, Mapping[str, float]]:
        return self._validation(model, score, progress)


def shuffled_batches(count: int, items: int, *, seed: int) -> list[list[int]]:
    """The numbers below `count` in an order drawn by `seed`, `items` at a time; the last batch may be smaller."""
    order = list(range(count))
    random.Random(seed).shuffle(order)  # noqa: S311 - an order, not a secret
    return [order[start : start + items] for start in range(0, count, items)]
