"""Token ids of different lengths → one rectangular tensor. Refuses to know what the ids mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

__all__ = ["padded", "padded_rows"]


def padded(
    token_ids: Sequence[Sequence[int]], pad_id: int, device: str | torch.device = "cpu"
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """The ids as one batch, padded on the right to its longest text.

    Args:
        token_ids: ids of each text; at least one text.
        pad_id: id that fills the gaps.
        device: where the tensors shall be.

    Returns:
        input_ids [texts, longest] and attention_mask of the same shape (1 for text, 0 for padding), both int64. The
        mask is None when nothing was padded: attention without a mask takes a faster kernel.
    """
    import numpy as np
    import torch

    lengths = np.fromiter(map(len, token_ids), dtype=np.int64, count=len(token_ids))
    longest = max(1, int(lengths.max()))
    input_ids = np.full((len(token_ids), longest), pad_id, dtype=np.int64)
    for row, ids in zip(input_ids, token_ids, strict=True):
        row[: len(ids)] = ids
    inputs = torch.from_numpy(input_ids).to(device)
    if int(lengths.min()) == longest:
        return inputs, None
    mask = (np.arange(longest) < lengths[:, None]).astype(np.int64)
    return inputs, torch.from_numpy(mask).to(device)


def padded_rows(parts: Sequence[NDArray[np.float32]], device: str | torch.device = "cpu") -> torch.Tensor:
    """Numbers for each window as one batch: [windows, k] of parts [k], [windows, longest, k] of parts [tokens, k], with
    zeros beside padding.

    Args:
        parts: of each window; at least one.
        device: where the tensor shall be.
    """
    import numpy as np
    import torch

    if parts[0].ndim == 1:
        return torch.from_numpy(np.stack(parts)).to(device)
    batch = np.zeros((len(parts), max(1, *map(len, parts)), parts[0].shape[1]), dtype=np.float32)
    for rows, part in zip(batch, parts, strict=True):
        rows[: len(part)] = part
    return torch.from_numpy(batch).to(device)
