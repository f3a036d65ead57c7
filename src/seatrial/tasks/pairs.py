"""Learning to write a text for another: pairs in batches of like length, cross-entropy over the target.

Refuses to know: which network it is, and how what it writes is judged.

Source: Sutskever, Vinyals and Le 2014, "Sequence to Sequence Learning with Neural Networks", §2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seatrial.data.batches import token_budget_batches
from seatrial.models.language_logits import pair_logits
from seatrial.models.padding import padded
from seatrial.models.surprise import NOTHING
from seatrial.progress import Progress
from seatrial.tasks.objective import Score

if TYPE_CHECKING:
    import torch

__all__ = ["PairObjective", "TokenPair", "decoder_start"]

Validate = Callable[["torch.nn.Module", Score, Progress], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class TokenPair:
    """A source and a target as tokens; the token that ends a text is at the end of both."""

    source: Sequence[int]
    target: Sequence[int]


class PairObjective:
    """See `Objective`; an item is a pair.

    Args:
        train: the training split.
        validation: the validation split.
        judged: writes for the validation split and scores that.
        metric: that early stopping follows.
        lower_is_better: its direction.
        pad_id: fills gaps.
        seed: of the order.
    """

    def __init__(
        self,
        train: Sequence[TokenPair],
        validation: Sequence[TokenPair],
        judged: Validate,
        *,
        metric: str,
        lower_is_better: bool,
        pad_id: int,
        seed: int,
    ) -> None:
        self.metric, self.lower_is_better = metric, lower_is_better
        self._train, self._validation, self._judged = train, validation, judged
        self._pad_id, self._seed = pad_id, seed
        self.lengths: Sequence[int] = [len(pair.source) + len(pair.target) for pair in train]
        digest = hashlib.sha256()
        for pair in (*train, *validation):
            for ids in (pair.source, pair.target):
                digest.update(np.asarray(ids, dtype=np.int32).tobytes() + b"|")
        self.digest = digest.hexdigest()

    def batches(self, epoch: int, *, max_tokens: int, max_items: int) -> Sequence[Sequence[int]]:
        return token_budget_batches(self.lengths, max_tokens=max_tokens, max_items=max_items, seed=self._seed + epoch)

    def loss(self, model: torch.nn.Module, batch: Sequence[int], device: torch.device) -> torch.Tensor:
        return self._loss(model, [self._train[index] for index in batch], device)

    def weight(self, batch: Sequence[int]) -> float:
        return float(sum(len(self._train[index].target) for index in batch))

    def validate(
        self, model: torch.nn.Module, score: Score, device: torch.device, progress: Progress
    ) -> tuple[float, Mapping[str, float]]:
        import torch

        was_training = model.training
        model.eval()
        try:
            nats, tokens = 0.0, 0
            lengths = [len(pair.source) + len(pair.target) for pair in self._validation]
            with torch.inference_mode():
                for batch in token_budget_batches(lengths, max_tokens=8192, max_items=256):
                    pairs = [self._validation[index] for index in batch]
                    count = sum(len(pair.target) for pair in pairs)
                    nats += float(self._loss(model, pairs, device)) * count
                    tokens += count
            return nats / max(tokens, 1), self._judged(model, score, progress)
        finally:
            model.train(was_training)

    def _loss(self, model: torch.nn.Module, pairs: Sequence[TokenPair], device: torch.device) -> torch.Tensor:
        """The mean cross-entropy over the tokens of the targets, in nats."""
        from torch.nn.functional import cross_entropy

        start_id = decoder_start(model, self._pad_id)
        input_ids, mask = padded([pair.source for pair in pairs], self._pad_id, device)
        given_BT, _ = padded([[start_id, *pair.target[:-1]] for pair in pairs], self._pad_id, device)
        wanted_BT, _ = padded([pair.target for pair in pairs], NOTHING, device)
        logits_BTV = pair_logits(model, input_ids, mask, given_BT)
        return cross_entropy(logits_BTV.flatten(0, 1).float(), wanted_BT.flatten(), ignore_index=NOTHING)


def decoder_start(model: torch.nn.Module, pad_id: int) -> int:
    """The id that the decoder begins with, as the model's configuration says; the padding where it does not."""
    config = getattr(model, "config", None)
    found = getattr(config, "start_id", None)
    found = getattr(config, "decoder_start_token_id", None) if found is None else found
    return pad_id if found is None else int(found)
