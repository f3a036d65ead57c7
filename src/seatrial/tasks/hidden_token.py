"""Learning hidden tokens: windows of texts, some tokens hidden anew in each epoch, cross-entropy over those.

Of the tokens that are chosen, most become the mask, some another token and some stay as they are, so that the network
must know every token and not masks alone. Refuses to know: which network it is.

Source: Devlin et al. 2019, "BERT: Pre-training of Deep Bidirectional Transformers", §3.1; anew in each epoch: Liu et
al. 2019, "RoBERTa: A Robustly Optimized BERT Pretraining Approach", §4.1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seatrial.data.batches import token_budget_batches
from seatrial.models.language_logits import masked_logits
from seatrial.models.padding import padded
from seatrial.models.surprise import NOTHING
from seatrial.progress import Progress
from seatrial.tasks.next_token import Validated
from seatrial.tasks.objective import Score

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

__all__ = ["HIDDEN_SHARE", "HiddenToken", "Hiding", "chosen_places"]

HIDDEN_SHARE = 0.15
MASKED, REPLACED = 0.8, 0.1
"""Of the chosen tokens; the rest stay."""


@dataclass(frozen=True, slots=True)
class Hiding:
    """How tokens are hidden.

    Attributes:
        mask_id: stands for a hidden token.
        vocabulary: tokens that another may be drawn from.
        kept: ids that are never hidden: special tokens.
    """

    mask_id: int
    vocabulary: int
    kept: frozenset[int]

    def __call__(self, ids: Sequence[int], draw: np.random.Generator) -> tuple[list[int], list[int]]:
        """The ids with some hidden, and for each place what was there, or `NOTHING`."""
        hidden, targets = list(ids), [NOTHING] * len(ids)
        for place in chosen_places(ids, self.kept, draw):
            targets[place] = ids[place]
            kind = draw.random()
            if kind < MASKED:
                hidden[place] = self.mask_id
            elif kind < MASKED + REPLACED:
                hidden[place] = int(draw.integers(self.vocabulary))
        return hidden, targets


def chosen_places(ids: Sequence[int], kept: frozenset[int], draw: np.random.Generator) -> NDArray[np.intp]:
    """15 % of the places that may be hidden, at least one where there is any, in order."""
    places = np.array([place for place, token in enumerate(ids) if token not in kept], dtype=np.intp)
    count = max(1, round(HIDDEN_SHARE * len(places))) if len(places) else 0
    found: NDArray[np.intp] = np.sort(draw.permutation(places)[:count])
    return found


class HiddenToken:
    """See `Objective`; an item is a window in an epoch: its number, and once more all windows for each epoch before.

    Args:
        windows: of the training split.
        hiding: how tokens are hidden.
        validation: the validation split.
        metric: that early stopping follows.
        lower_is_better: its direction.
        pad_id: fills gaps.
        seed: of the order and of what is hidden.
    """

    def __init__(
        self,
        windows: Sequence[Sequence[int]],
        hiding: Hiding,
        validation: Validated,
        *,
        metric: str,
        lower_is_better: bool,
        pad_id: int,
        seed: int,
    ) -> None:
        self.metric, self.lower_is_better = metric, lower_is_better
        self._windows, self._hiding, self._validation = windows, hiding, validation
        self._pad_id, self._seed = pad_id, seed
        self.lengths: Sequence[int] = [len(window) for window in windows]
        digest = hashlib.sha256()
        for window in (*windows, *validation.reading.windows):
            digest.update(np.asarray(window, dtype=np.int32).tobytes() + b"|")
        self.digest = digest.hexdigest()

    def batches(self, epoch: int, *, max_tokens: int, max_items: int) -> Sequence[Sequence[int]]:
        seed, before = self._seed + epoch, epoch * len(self._windows)
        batches = token_budget_batches(self.lengths, max_tokens=max_tokens, max_items=max_items, seed=seed)
        return [[before + index for index in batch] for batch in batches]

    def loss(self, model: torch.nn.Module, batch: Sequence[int], device: torch.device) -> torch.Tensor:
        """The mean cross-entropy over hidden tokens, in nats."""
        from torch.nn.functional import cross_entropy

        pairs = [self._hiding(self._window(item), self._draw(item)) for item in batch]
        input_ids, mask = padded([ids for ids, _ in pairs], self._pad_id, device)
        targets_BT, _ = padded([targets for _, targets in pairs], NOTHING, device)
        hidden_BT = targets_BT != NOTHING
        logits_NV = masked_logits(model, input_ids, mask, hidden_BT)
        return cross_entropy(logits_NV.float(), targets_BT[hidden_BT])

    def weight(self, batch: Sequence[int]) -> float:
        return float(sum(len(chosen_places(self._window(i), self._hiding.kept, self._draw(i))) for i in batch))

    def validate(
        self, model: torch.nn.Module, score: Score, device: torch.device, progress: Progress
    ) -> tuple[float, Mapping[str, float]]:
        return self._validation(model, score, progress)

    def _window(self, item: int) -> Sequence[int]:
        return self._windows[item % len(self._windows)]

    def _draw(self, item: int) -> np.random.Generator:
        """What is hidden in a window follows from seed, epoch and window alone, so that a continued run hides the
        same."""
        return np.random.default_rng((self._seed, *divmod(item, len(self._windows))))
