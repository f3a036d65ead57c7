"""Exports any transformers sequence classifier through PyTorch's own exporter: the way for every architecture that
`encoder_weights` cannot read. Slower in onnxruntime than the fused graph, but always the same function.

Refuses to know: particular architectures.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from seatrial.errors import ArtifactError

if TYPE_CHECKING:
    import onnx
    import torch
    import transformers

__all__ = ["traced_graph"]

OPSET = 18


def traced_graph(model: transformers.PreTrainedModel) -> onnx.ModelProto:
    """The classifier as an ONNX model with the inputs `input_ids` and `attention_mask` and the output `logits`.

    Token types, where a model has them, are left to the model's own default (zeros) and so become part of the graph.

    Args:
        model: a transformers sequence classifier in eval mode, loaded with eager attention.

    Raises:
        ArtifactError: the exporter cannot trace this architecture.
    """
    import torch

    class TwoInputs(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            logits: torch.Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).logits
            return logits

    input_ids = torch.ones((2, 7), dtype=torch.int64)
    attention_mask = torch.ones_like(input_ids)
    attention_mask[0, -2:] = 0  # an all-ones mask would be optimised out of the graph
    axes = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    with _quiet():
        try:
            program = torch.onnx.export(
                TwoInputs().eval(),
                (input_ids, attention_mask),
                dynamo=True,
                opset_version=OPSET,
                input_names=["input_ids", "attention_mask"],
                output_names=["logits"],
                dynamic_shapes={"input_ids": axes, "attention_mask": axes},
                external_data=False,
                verbose=False,
            )
        except torch.onnx.OnnxExporterError as error:
            raise ArtifactError(
                f"{type(model).__name__} cannot be exported to ONNX",
                expected=str(error).strip().splitlines()[0][:200],
                hint="choose a BERT, RoBERTa or DistilBERT encoder in model.base",
            ) from error
    assert program is not None
    return program.model_proto


@contextmanager
def _quiet() -> Iterator[None]:
    """The exporter warns of packages that text models never need and of its own deprecations."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "onnx_ir")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
