"""PyTorch on the release's safetensors: the uncompressed model, on a GPU where there is one.

Refuses to know: texts, queues.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seatrial.artifact.machine import cpu_count
from seatrial.errors import MissingExtraError
from seatrial.records import Release
from seatrial.serve.engines.base import Network
from seatrial.tasks import TASKS

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

__all__ = ["load"]


def load(release: Release, threads: int | None) -> Network:
    """The release's weights in the task's network; `threads` is torch's number for the whole process.

    Raises:
        MissingExtraError: torch is not installed.
    """
    try:
        import torch
    except ImportError as error:
        raise MissingExtraError("the engine torch", "train") from error
    torch.set_num_threads(threads or cpu_count())
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = TASKS.get(release.task)().load_trained(release.path)
    return TorchNetwork(model.to(device).eval(), device)


class TorchNetwork:
    """A torch model behind the `Network` protocol."""

    def __init__(self, model: torch.nn.Module, device: str) -> None:
        self._model, self._device = model, device

    def logits(self, token_ids: Sequence[Sequence[int]], pad_id: int = 0) -> NDArray[np.float32]:
        """One batch, padded on the right to its longest text."""
        from seatrial.models.forward import torch_logits

        longest = max(map(len, token_ids))
        return torch_logits(
            self._model, token_ids, pad_id=pad_id, max_tokens=len(token_ids) * longest, device=self._device
        )
