"""Runs a model's ONNX file with onnxruntime: token ids in, the network's raw output out.

Nothing but numpy and onnxruntime lies between a request and the kernels. Refuses to know: text, labels, temperature,
and what the output means: logits of a classifier or a pooled vector, it is one row of numbers per text.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seatrial.data.batches import token_budget_batches
from seatrial.errors import ArtifactError
from seatrial.models.onnx_file import open_onnx
from seatrial.models.reading import Rows
from seatrial.progress import Progress, silent

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["OnnxSession", "onnx_logits"]

INPUTS = ("input_ids", "attention_mask")


class OnnxSession:
    """A loaded model. Thread-safe: a call shares nothing with another but the weights.

    Args:
        file: an ONNX file with the inputs `input_ids` and `attention_mask` and one output, whatever its name.
        threads: threads that work on one call; None takes the cores this process may use.

    Raises:
        ArtifactError: the file is missing, is no ONNX model, has other inputs or several outputs.
    """

    def __init__(self, file: Path, threads: int | None = None) -> None:
        hint = "make the model again with `seatrial run`, or update onnxruntime"
        self._session = open_onnx(file, threads, sleep_between_calls=True, hint=hint)
        names = {value.name for value in self._session.get_inputs()}
        if names != set(INPUTS):
            raise ArtifactError(
                f"the model wants the inputs {', '.join(sorted(names))}",
                where=str(file),
                expected=" and ".join(INPUTS),
                hint="export it again with `seatrial run`",
            )
        self._outputs = [value.name for value in self._session.get_outputs()]
        if len(self._outputs) != 1:
            raise ArtifactError(
                f"the model gives the outputs {', '.join(self._outputs)}",
                where=str(file),
                expected="one output",
                hint="export it again with `seatrial run`",
            )

    def logits(self, token_ids: Sequence[Sequence[int]], pad_id: int = 0) -> NDArray[np.float32]:
        """Compute one batch, padded on the right to its longest text.

        Args:
            token_ids: one non-empty sequence of token ids per text, special tokens included; at least one text.
            pad_id: id that fills the gaps; they are masked, so it only has to lie in the vocabulary.

        Returns:
            The raw output, shape [texts, k]: logits of a classifier, vectors of an embedding model; or [texts, longest,
            k] from a model that answers for every token, with rows without meaning where a text is padded.
        """
        longest = max(map(len, token_ids))
        input_ids = np.full((len(token_ids), longest), pad_id, dtype=np.int64)
        attention_mask = np.zeros_like(input_ids)
        for row, ids in enumerate(token_ids):
            input_ids[row, : len(ids)] = ids
            attention_mask[row, : len(ids)] = 1
        feed = {"input_ids": input_ids, "attention_mask": attention_mask}
        result: NDArray[np.float32] = self._session.run(self._outputs, feed)[0]
        return result


def onnx_logits(
    session: OnnxSession,
    token_ids: Sequence[Sequence[int]],
    *,
    pad_id: int = 0,
    max_tokens: int = 4096,
    progress: Progress = silent,
) -> NDArray[np.float32]:
    """Raw outputs of many windows of tokens, computed in batches of like length.

    Args:
        session: the model.
        token_ids: one non-empty sequence of token ids per window, special tokens included.
        pad_id: id that fills the gaps.
        max_tokens: tokens computed together, padding included.
        progress: hears of the windows done.

    Returns:
        Rows [rows, k] in the order of `token_ids`: one per window, or one per token for a model that gives as many.

    Raises:
        ValueError: there are no windows, so that k is not known.
    """
    if not token_ids:
        raise ValueError("there are no texts to compute")
    batches = token_budget_batches([len(ids) for ids in token_ids], max_tokens=max_tokens, max_items=len(token_ids))
    rows, done = Rows(token_ids), 0
    for batch in batches:
        rows.put(batch, session.logits([token_ids[i] for i in batch], pad_id))
        done += len(batch)
        progress("onnx", done, len(token_ids))
    return rows.all()
