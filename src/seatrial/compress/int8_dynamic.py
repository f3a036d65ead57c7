"""The method `int8-dynamic`: 8-bit weights, activations turned to 8 bits on the fly, one scale per output channel.

Weights keep to 7 of the 8 bits. Processors without VNNI add pairs of 8-bit products in 16 bits that overflow silently;
with 7 bits they cannot, so one file gives the same answers everywhere. See docs/decisions/0004-int8-on-every-cpu.md.

Refuses to know: labels, tokenizers, whether the result is good enough.
"""

from __future__ import annotations

from pathlib import Path

from seatrial.compress.narrow_layers import narrow_layers
from seatrial.compress.row_tables import quantize_tables

__all__ = ["int8_dynamic"]

QUANTIZED_OPERATORS = ["MatMul", "Attention"]


def int8_dynamic(source: Path, out: Path) -> None:
    """Write the 8-bit model; see `Method`."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.quant_utils import add_pre_process_metadata

    model = onnx.load(source)
    quantize_tables(model)
    del model.graph.value_info[:]  # shapes of the float graph contradict those of the quantised one
    add_pre_process_metadata(model)  # else it advises to do what the export has done
    quantize_dynamic(
        model,
        out,
        op_types_to_quantize=QUANTIZED_OPERATORS,
        per_channel=True,
        reduce_range=True,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=narrow_layers(model),
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},  # types of fused operators are not inferred
    )
