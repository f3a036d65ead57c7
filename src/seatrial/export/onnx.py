"""A trained model's folder → one ONNX file that computes the same function.

Refuses to know: compression, the release layout, what the task's outputs mean.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seatrial.errors import ArtifactError
from seatrial.export.encoder_graph import encoder_graph
from seatrial.export.encoder_weights import read_weights
from seatrial.export.parity import parity, require_parity
from seatrial.export.session import OnnxSession
from seatrial.export.traced import traced_graph
from seatrial.models.forward import raw_output
from seatrial.models.reading import Rows
from seatrial.tasks import Task

if TYPE_CHECKING:
    import torch

__all__ = ["export_onnx"]

SAMPLE_LENGTHS = (1, 3, 8, 17)
MAX_PROTOBUF_BYTES = 2**31 - 1


def export_onnx(model_folder: Path, out: Path, *, task: Task) -> None:
    """Write the model in `model_folder` as one ONNX file and prove it against the source on random token ids.

    The graph has the inputs `input_ids` and `attention_mask` (int64, [batch, sequence], padded on the right; token
    types are zero) and one output, float32: `logits` [batch, labels] or [batch, sequence, labels], or
    `sentence_embedding` [batch, dimensions] with pooling and normalisation inside. BERT, RoBERTa and DistilBERT become
    onnxruntime's fused operators, every other architecture goes through PyTorch's exporter.

    Args:
        model_folder: a folder that `task.load_trained` loads.
        out: the file to write; its folder exists.
        task: knows the network.

    Raises:
        ArtifactError: the folder holds no such model, the architecture cannot be exported, the model exceeds the 2 GB
            of one file, or the file's output deviates from the source's (nothing is left behind).
    """
    import onnx

    model = _load(model_folder, task)
    weights = read_weights(model)
    proto = traced_graph(model, task.graph_output) if weights is None else encoder_graph(weights, task.graph_output)
    if proto.ByteSize() > MAX_PROTOBUF_BYTES:
        raise ArtifactError(
            "the model is larger than one ONNX file can be",
            where=str(model_folder),
            expected="at most 2 GB",
            hint="choose a smaller model in model.base",
        )
    onnx.save_model(proto, out)
    try:
        _prove(model, out)
    except ArtifactError:
        out.unlink()
        raise


def _load(folder: Path, task: Task) -> torch.nn.Module:
    try:
        return task.load_trained(folder).float().eval()
    except (OSError, ValueError) as error:
        raise ArtifactError(
            f"this folder holds no model for {task.name}",
            where=str(folder),
            expected=str(error).splitlines()[0][:200],
            hint="make the model again with `seatrial run`",
        ) from error


def _prove(model: torch.nn.Module, file: Path) -> None:
    """Compare file and source on random ids of several lengths, alone and padded into one batch."""
    import torch

    random = np.random.default_rng(0)
    config: Any = model.config
    pad_id = config.pad_token_id or 0
    known = [i for i in range(config.vocab_size) if i != pad_id]  # RoBERTa numbers positions by what is no padding
    ids = [random.choice(known, length).tolist() for length in SAMPLE_LENGTHS]
    reference, together, alone = Rows(ids), Rows(ids), Rows(ids)
    session = OnnxSession(file, threads=1)
    with torch.inference_mode():
        for place, row in enumerate(ids):
            reference.put([place], raw_output(model(torch.tensor([row]))).numpy())
            alone.put([place], session.logits([row], pad_id))
    together.put(range(len(ids)), session.logits(ids, pad_id))
    for found in (together, alone):
        require_parity(parity(reference.all(), found.all()), where=str(file))
