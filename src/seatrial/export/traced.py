"""Exports any torch model of texts through PyTorch's own exporter: the way for every architecture that
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
from seatrial.models.forward import raw_output

if TYPE_CHECKING:
    import onnx
    import torch

__all__ = ["traced_graph"]

OPSET = 18


def traced_graph(model: torch.nn.Module, output: str) -> onnx.ModelProto:
    """The model as ONNX with the inputs `input_ids` and `attention_mask` and one output, [batch, k] or
    [batch, sequence, k].

    Token types, where a model has them, are left to the model's own default (zeros) and so become part of the graph.

    Args:
        model: as `Task.load_trained` gives it; its attention becomes the eager one.
        output: the output's name.

    Raises:
        ArtifactError: the exporter cannot trace this architecture.
    """
    import torch

    # Eager attention is plain arithmetic, which the exporter turns into plain operators.
    model.set_attn_implementation("eager")  # type: ignore[operator]  # a method of transformers' models

    class TwoInputs(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            return raw_output(self.model(input_ids=input_ids, attention_mask=attention_mask))

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
                output_names=[output],
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
