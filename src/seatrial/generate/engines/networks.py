"""The reference engine: our own networks in PyTorch, in float32, with the cache of `models.networks.cache`.

What the fast engines compute is compared with it. Sequences of different lengths are computed together. Refuses to
know: sampling, requests.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seatrial.errors import ArtifactError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

__all__ = ["NetworkEngine", "open_engine"]


def open_engine(
    folder: Path, *, slots: int = 8, context: int | None = None, threads: int | None = None
) -> NetworkEngine:
    """Open a Hub model folder with one of our networks; `threads` holds for all of torch. See `base.OpenEngine`."""
    import torch

    from seatrial.models.hub_layout import load_network

    if threads is not None:
        torch.set_num_threads(threads)
    return NetworkEngine(load_network(folder), slots=slots, context=context)


class NetworkEngine:
    """An engine; see `base.Engine`.

    Args:
        network: a decoder of `models.networks`; it is set to evaluation.
        slots: sequences at a time.
        context: tokens a slot can hold; None takes the network's own.

    Raises:
        ArtifactError: the network is no decoder.
    """

    def __init__(self, network: Any, *, slots: int = 8, context: int | None = None) -> None:
        from seatrial.models.networks.cache import KeyValueCache

        config = network.config
        if config.kind != "decoder":
            raise ArtifactError(f"the network is of the kind {config.kind!r}", expected="a decoder")
        self.vocabulary: int = config.vocab_size
        self.context: int = min(context or config.max_positions, config.max_positions)
        self.slots = slots
        self._network = network.eval()
        device = next(network.parameters()).device
        self._cache = KeyValueCache(config, slots=slots, capacity=self.context, device=device)

    def prefill(self, slot: int, token_ids: Sequence[int], last: int = 1) -> Floats:
        """Append tokens to one sequence; see `base.Engine`."""
        logits: Floats = self._logits([slot], [token_ids], last)[0]
        return logits

    def decode(self, slots: Sequence[int], token_ids: Sequence[int]) -> Floats:
        """Append one token to each of several sequences; see `base.Engine`."""
        logits: Floats = self._logits(slots, [[token_id] for token_id in token_ids], 1)[:, 0]
        return logits

    def copy(self, source: int, target: int) -> None:
        """Let `target` hold what `source` holds."""
        self._cache.copy_slot(source, target)

    def trim(self, slot: int, length: int) -> None:
        """Forget all but the first `length` tokens of a slot."""
        self._cache.trim(slot, min(length, self._cache.lengths[slot]))

    def _logits(self, slots: Sequence[int], token_ids: Sequence[Sequence[int]], last: int) -> Floats:
        """Logits of the last positions, [B, last, V]."""
        import torch

        with torch.inference_mode():
            input_ids = torch.tensor(token_ids, device=next(self._network.parameters()).device)
            hidden = self._network.hidden_states(input_ids, cache=self._cache.for_slots(slots))
            wanted = hidden[:, hidden.shape[1] - last :]  # the head over a whole prompt may cost more than the network
            logits: Floats = self._network.head(wanted).float().cpu().numpy()
        return logits
