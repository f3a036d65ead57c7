"""What a model in service needs of whatever answers. Refuses to know: queues, requests, tokenizers, networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from seatrial.models.reading import Reading, whole_texts
from seatrial.records import Release

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Answering"]


class Answering(Protocol):
    """What a model in service needs of an engine; `seatrial.serve.engine.Engine` is one."""

    release: Release

    @property
    def output_name(self) -> str:
        """What the task calls its outputs."""

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids per text."""

    def outputs(self, token_ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """The task's outputs for one batch of windows, [items, k] or [items, longest, k]."""

    def describe(self, output: NDArray[np.float32], text: str) -> dict[str, Any]:
        """The task's JSON object for the output for one text."""

    def read(self, texts: Sequence[str]) -> Reading:
        """The windows that each text is read in; here the whole text is one."""
        return whole_texts(self.tokenize(texts))

    def parts(self, token_ids: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
        """The same as `outputs` window by window, without what was computed for padding."""
        found = zip(self.outputs(token_ids), token_ids, strict=True)
        return [output if output.ndim == 1 else output[: len(ids)] for output, ids in found]

    def join(self, reading: Reading, parts: Sequence[NDArray[np.float32]]) -> Sequence[NDArray[np.float32]]:
        """What was given for each window → the output for each text; here they are the same."""
        del reading  # a text that is one window needs none
        return parts
