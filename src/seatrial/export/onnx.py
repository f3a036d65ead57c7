"""A transformers classifier folder → one ONNX file that computes the same function.

Refuses to know: compression, the release layout.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seatrial.errors import ArtifactError
from seatrial.export.encoder_graph import encoder_graph
from seatrial.export.encoder_weights import read_weights
from seatrial.export.parity import parity, require_parity
from seatrial.export.session import OnnxSession
from seatrial.export.traced import traced_graph
from seatrial.models.quiet import quiet_transformers

if TYPE_CHECKING:
    import transformers

__all__ = ["export_onnx"]

SAMPLE_LENGTHS = (1, 3, 8, 17)
MAX_PROTOBUF_BYTES = 2**31 - 1


def export_onnx(model_folder: Path, out: Path) -> None:
    """Write the classifier in `model_folder` as one ONNX file and prove it against the source on random token ids.

    The graph has the inputs `input_ids` and `attention_mask` (int64, [batch, sequence], padded on the right; token
    types are zero) and the output `logits` (float32, [batch, labels]). BERT, RoBERTa and DistilBERT become
    onnxruntime's fused operators, every other architecture goes through PyTorch's exporter.

    Args:
        model_folder: a folder that `AutoModelForSequenceClassification` loads.
        out: the file to write; its folder exists.

    Raises:
        ArtifactError: the folder holds no classifier, the architecture cannot be exported, the model exceeds the 2 GB
            of one file, or the file's logits deviate from the source's (nothing is left behind).
    """
    import onnx

    model = _load(model_folder)
    weights = read_weights(model)
    proto = traced_graph(model) if weights is None else encoder_graph(weights)
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


def _load(folder: Path) -> transformers.PreTrainedModel:
    import transformers

    try:
        # Eager attention is plain arithmetic, which the exporter turns into plain operators.
        with quiet_transformers():
            model: transformers.PreTrainedModel = transformers.AutoModelForSequenceClassification.from_pretrained(
                folder, attn_implementation="eager", local_files_only=True
            )
    except (OSError, ValueError) as error:
        raise ArtifactError(
            "this folder holds no sequence classifier",
            where=str(folder),
            expected=str(error).splitlines()[0][:200],
            hint="make the model again with `seatrial run`",
        ) from error
    return model.float().eval()


def _prove(model: transformers.PreTrainedModel, file: Path) -> None:
    """Compare file and source on random ids of several lengths, alone and padded into one batch."""
    import torch

    random = np.random.default_rng(0)
    pad_id = model.config.pad_token_id or 0
    known = [
        i for i in range(model.config.vocab_size) if i != pad_id
    ]  # RoBERTa numbers positions by what is no padding
    ids = [random.choice(known, length).tolist() for length in SAMPLE_LENGTHS]
    with torch.inference_mode():
        reference = torch.cat([model(torch.tensor([row])).logits for row in ids]).numpy()
    session = OnnxSession(file, threads=1)
    for logits in (session.logits(ids, pad_id), np.concatenate([session.logits([row], pad_id) for row in ids])):
        require_parity(parity(reference, logits), where=str(file))
