"""Compression: an ONNX file in → a smaller or faster ONNX file out, with the same inputs and outputs.

A method knows nothing of the contract: whether what it made is good enough is measured and judged elsewhere.
"""

from __future__ import annotations

from seatrial.compress.base import Method
from seatrial.registry import Registry

__all__ = ["METHODS", "Method"]

METHODS: Registry[Method] = Registry(
    "compression method",
    "seatrial.compression",
    {
        "fp32": "seatrial.compress.fp32:fp32",
        "int8-block": "seatrial.compress.int8_block:int8_block",
        "int8-dynamic": "seatrial.compress.int8_dynamic:int8_dynamic",
    },
)
