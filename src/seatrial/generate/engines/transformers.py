"""Any causal model that transformers opens. For models that no other engine knows, and to compare with.

Every sequence has a cache of its own and is computed by itself: a step over many costs as much as the steps of each.
Refuses to know: sampling, requests.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seatrial.errors import ArtifactError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

__all__ = ["TransformersEngine", "open_engine"]

UNLIMITED = 2048
"""The context of a model that says nothing of one."""


def open_engine(
    folder: Path, *, slots: int = 8, context: int | None = None, threads: int | None = None
) -> TransformersEngine:
    """Open a Hub model folder in float32; `threads` holds for all of torch. See `base.OpenEngine`."""
    import torch
    from transformers import AutoModelForCausalLM

    from seatrial.models.quiet import quiet_transformers

    if threads is not None:
        torch.set_num_threads(threads)
    try:
        with quiet_transformers():
            model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, local_files_only=True)
    except (OSError, ValueError) as error:
        raise ArtifactError(
            "transformers cannot open a causal model here", where=str(folder), expected=str(error)[:300]
        ) from error
    return TransformersEngine(model, slots=slots, context=context)


class TransformersEngine:
    """An engine; see `base.Engine`.

    Args:
        model: a causal model of transformers; it is set to evaluation.
        slots: sequences at a time.
        context: tokens a slot can hold; None takes the model's own.
    """

    def __init__(self, model: Any, *, slots: int = 8, context: int | None = None) -> None:
        config = model.config
        own: int = getattr(config, "max_position_embeddings", None) or getattr(config, "n_positions", None) or UNLIMITED
        self.vocabulary: int = config.vocab_size
        self.context: int = min(context or own, own)
        self.slots = slots
        self._model = model.eval()
        self._caches: list[Any] = [None] * slots

    def prefill(self, slot: int, token_ids: Sequence[int], last: int = 1) -> Floats:
        """Append tokens to one sequence; see `base.Engine`."""
        import torch
        from transformers import DynamicCache

        cache = self._caches[slot]
        if cache is None:
            cache = self._caches[slot] = DynamicCache()
        length = cache.get_seq_length() + len(token_ids)
        if length > self.context:
            raise ValueError(f"{length} tokens do not fit into a context of {self.context}")
        with torch.inference_mode():
            input_ids = torch.tensor([token_ids], device=self._model.device)
            # transformers takes 0 for all positions
            said = self._model(input_ids, past_key_values=cache, use_cache=True, logits_to_keep=max(last, 1))
            logits: Floats = said.logits[0].float().cpu().numpy()
        return logits[:last] if last == 0 else logits

    def decode(self, slots: Sequence[int], token_ids: Sequence[int]) -> Floats:
        """Append one token to each of several sequences; see `base.Engine`."""
        pairs = zip(slots, token_ids, strict=True)
        return np.concatenate([self.prefill(slot, [token_id]) for slot, token_id in pairs])

    def copy(self, source: int, target: int) -> None:
        """Let `target` hold what `source` holds."""
        self._caches[target] = copy.deepcopy(self._caches[source])

    def trim(self, slot: int, length: int) -> None:
        """Forget all but the first `length` tokens of a slot."""
        cache = self._caches[slot]
        if length == 0 or cache is None:
            self._caches[slot] = None
        elif length < cache.get_seq_length():
            cache.crop(length - cache.get_seq_length())  # takes what is to go, as a negative number
