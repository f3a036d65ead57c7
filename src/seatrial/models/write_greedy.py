"""Sources → what an encoder-decoder writes for them, always taking the most probable token.

For figures while training and in evaluation. It keeps no cache of what it has written, which short texts do not need.
Refuses to know: tokenizers.

Shapes: B sources of a batch, S tokens of a source, T tokens written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from seatrial.models.language_logits import pair_logits
from seatrial.models.padding import padded
from seatrial.progress import Progress, silent

if TYPE_CHECKING:
    import torch

__all__ = ["write_greedy"]

AT_ONCE = 64


def write_greedy(
    model: torch.nn.Module,
    sources: Sequence[Sequence[int]],
    *,
    start_id: int,
    end_id: int,
    pad_id: int,
    longest: int,
    device: str | torch.device = "cpu",
    progress: Progress = silent,
) -> list[list[int]]:
    """What is written for each source, without the token that ends it.

    Args:
        model: an encoder-decoder in evaluation mode, on `device`.
        sources: token ids; none is empty.
        start_id: what the decoder begins with.
        end_id: ends a text.
        pad_id: fills gaps.
        longest: tokens at most.
        device: where the model is.
        progress: hears ``"predict"``, in sources.
    """
    import torch

    written: list[list[int]] = [[] for _ in sources]
    order = sorted(range(len(sources)), key=lambda index: -len(sources[index]))
    with torch.inference_mode():
        for start in range(0, len(order), AT_ONCE):
            batch = order[start : start + AT_ONCE]
            input_ids, mask = padded([sources[index] for index in batch], pad_id, device)
            for index, ids in zip(
                batch, _written(model, input_ids, mask, ends=(start_id, end_id), longest=longest), strict=True
            ):
                written[index] = ids[: ids.index(end_id)] if end_id in ids else ids
            progress("predict", min(start + AT_ONCE, len(order)), len(order))
    return written


def _written(
    model: torch.nn.Module,
    input_ids: torch.Tensor,
    mask: torch.Tensor | None,
    *,
    ends: tuple[int, int],
    longest: int,
) -> list[list[int]]:
    """[B][T] tokens; each text goes on to the end of the longest, so cut it at the second of `ends`."""
    import torch

    start_id, end_id = ends
    body: Any = model
    source = body.read(input_ids, mask) if hasattr(model, "read") else None  # ours reads the source once
    tokens_BT = torch.full((len(input_ids), 1), start_id, dtype=torch.int64, device=input_ids.device)
    ended_B = torch.zeros(len(input_ids), dtype=torch.bool, device=input_ids.device)
    for _ in range(longest):
        logits = pair_logits(model, input_ids, mask, tokens_BT) if source is None else body.write(tokens_BT, source)
        next_B = logits[:, -1].argmax(dim=-1)
        tokens_BT = torch.cat([tokens_BT, next_B[:, None]], dim=1)
        ended_B |= next_B == end_id
        if bool(ended_B.all()):
            break
    found: list[list[int]] = tokens_BT[:, 1:].tolist()
    return found
