"""How surprised a network is by each token: what is kept of logits that are too large to be kept.

Refuses to know: which token was to be foreseen and why; the caller says so.

Shapes: B rows of a batch, T tokens of a row, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from seatrial.models.padding import padded
from seatrial.progress import Progress, silent

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

__all__ = ["NATS", "NOTHING", "PREDICTED", "RIGHT", "Logits", "surprises"]

NOTHING = -100
"""The target where nothing is to be foreseen."""
NATS, RIGHT, PREDICTED = range(3)
"""Columns of a row: -ln p(target); whether the target is the most probable token; which one is."""
MOST_LOGITS = 1 << 24
"""Logits held at once, 64 MB."""
MOST_TOKENS = 8192

FEW = 4
"""Where few places are wanted, a batch may hold so many times more tokens."""

Logits = Callable[["torch.Tensor", "torch.Tensor | None", "torch.Tensor"], "torch.Tensor"]
"""Ids [B, T], a mask [B, T] (1 for text, 0 for padding; None: nothing is padded) and where something is to be foreseen
[B, T], N places → logits [B, T, V], or [N, V]."""


def surprises(
    logits: Logits,
    inputs: Sequence[Sequence[int]],
    targets: Sequence[Sequence[int]],
    *,
    vocabulary: int,
    pad_id: int,
    only_wanted: bool = False,
    device: str | torch.device = "cpu",
    progress: Progress = silent,
) -> NDArray[np.float32]:
    """A row for each token of each input, one input after the other.

    Args:
        logits: the network, in evaluation mode, on `device`.
        inputs: token ids of each window; none is empty.
        targets: for each token what is to be foreseen at its place, or `NOTHING`.
        vocabulary: V.
        pad_id: fills gaps.
        only_wanted: whether `logits` gives those of the wanted places alone, [N, V]; for targets that are few.
        device: where the network is.
        progress: hears ``"predict"``, in windows.

    Returns:
        [tokens, 3], see `NATS`, `RIGHT`, `PREDICTED`; surprise and right are 0 where there is nothing to foresee, and
        with `only_wanted` all three.
    """
    import torch

    ends = np.cumsum([len(ids) for ids in inputs])
    rows = np.zeros((int(ends[-1]) if len(ends) else 0, 3), dtype=np.float32)
    at_once = max(1, min(MOST_TOKENS, MOST_LOGITS // vocabulary * (FEW if only_wanted else 1)))
    done = 0
    with torch.inference_mode():
        for batch in _batches(inputs, at_once):
            input_ids, mask = padded([inputs[index] for index in batch], pad_id, device)
            wanted, _ = padded([targets[index] for index in batch], NOTHING, device)
            there = wanted != NOTHING
            scores = logits(input_ids, mask, there)
            found = (_spread(scores, wanted, there) if only_wanted else _rows(scores, wanted)).cpu().numpy()
            for index, part in zip(batch, found, strict=True):
                length, end = len(inputs[index]), ends[index]
                rows[end - length : end] = part[:length]
            done += len(batch)
            progress("predict", done, len(inputs))
    return rows


def _rows(logits_BTV: torch.Tensor, targets_BT: torch.Tensor) -> torch.Tensor:
    """[B, T, 3]."""
    import torch

    scores_BTV = logits_BTV.float()
    there_BT = targets_BT != NOTHING
    own_BT = scores_BTV.gather(-1, targets_BT.clamp(min=0)[..., None])[..., 0]
    nats_BT = torch.where(there_BT, scores_BTV.logsumexp(dim=-1) - own_BT, 0.0)
    best_BT = scores_BTV.argmax(dim=-1)
    return torch.stack([nats_BT, (there_BT & (best_BT == targets_BT)).float(), best_BT.float()], dim=-1)


def _spread(logits_NV: torch.Tensor, targets_BT: torch.Tensor, there_BT: torch.Tensor) -> torch.Tensor:
    """[B, T, 3], from logits of the N places that are there."""
    rows_BT3 = logits_NV.new_zeros((*targets_BT.shape, 3), dtype=logits_NV.float().dtype)
    rows_BT3[there_BT] = _rows(logits_NV[None], targets_BT[there_BT][None])[0]
    return rows_BT3


def _batches(inputs: Sequence[Sequence[int]], most_tokens: int) -> list[list[int]]:
    """Indices of windows, longest first, so that a batch too large for the memory fails at once."""
    batches: list[list[int]] = []
    room = 0
    for index in sorted(range(len(inputs)), key=lambda index: -len(inputs[index])):
        if not batches or len(batches[-1]) == room:
            batches.append([])
            room = max(1, most_tokens // len(inputs[index]))
        batches[-1].append(index)
    return batches
