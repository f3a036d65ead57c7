"""Windows of tokens → what a torch model gives, in batches of like length. Refuses to know labels and losses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from seatrial.models.padding import padded
from seatrial.models.reading import Rows
from seatrial.progress import Progress, silent

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

__all__ = ["padding_id", "raw_output", "torch_logits"]


def raw_output(found: Any) -> torch.Tensor:
    """The tensor [windows, k] or [windows, tokens, k] in what a model's call gave: that itself, or its `logits` as in
    transformers' heads."""
    tensor: torch.Tensor = getattr(found, "logits", found)
    return tensor


def padding_id(model: torch.nn.Module) -> int:
    """The id that a model's configuration names for gaps, 0 where it names none."""
    return getattr(getattr(model, "config", None), "pad_token_id", None) or 0


def torch_logits(
    model: torch.nn.Module,
    token_ids: Sequence[Sequence[int]],
    *,
    pad_id: int | None = None,
    max_tokens: int = 8192,
    device: str | torch.device = "cpu",
    progress: Progress = silent,
) -> NDArray[np.float32]:
    """The raw output for every window, without gradients and without dropout; the model is left in the mode it was in.

    Args:
        model: a transformers model with a classification head, or one that gives a tensor, on `device`.
        token_ids: ids of each window.
        pad_id: id that fills gaps; None takes the model's `config.pad_token_id`.
        max_tokens: bound on the tokens of a batch, padding included.
        device: where the model is.
        progress: hears ``"predict"``, in windows.

    Returns:
        Rows [rows, k] in the order of `token_ids`: one per window, or one per token for a model that gives as many.
    """
    import torch

    if pad_id is None:
        pad_id = padding_id(model)
    rows = Rows(token_ids)
    was_training = model.training
    model.eval()
    try:
        done = 0
        with torch.inference_mode():
            for batch in _batches_by_length(token_ids, max_tokens):
                input_ids, attention_mask = padded([token_ids[index] for index in batch], pad_id, device)
                found = raw_output(model(input_ids=input_ids, attention_mask=attention_mask))
                rows.put(batch, found.float().cpu().numpy())
                done += len(batch)
                progress("predict", done, len(token_ids))
    finally:
        model.train(was_training)
    return rows.all()


def _batches_by_length(token_ids: Sequence[Sequence[int]], max_tokens: int) -> Iterator[list[int]]:
    """Indices of texts, longest first, so that a batch too large for the memory fails at once."""
    batch: list[int] = []
    for index in sorted(range(len(token_ids)), key=lambda index: -len(token_ids[index])):
        if batch and (len(batch) + 1) * len(token_ids[batch[0]]) > max_tokens:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
