"""Weights in blocks: 8 bits a value with a scale, or 4 bits with a scale and a minimum, for every block of inputs.

The form is that of onnxruntime's MatMulNBits, ``weight = (value - zero point) · scale``, whose fast kernels take whole
zero points only. In 8 bits that is no loss. In 4 bits a block needs a minimum of its own, as in GGUF's Q4_1: what is
left of it after the nearest whole zero point is the same for all weights of a block, so its part of the product is
``rest · (sum of the block's inputs)``. The rests stand behind the weights as further inputs, in 4 bits themselves, and
whoever multiplies puts the sums of the blocks behind the activations: one product, as exact as Q4_1. Without them
SmolLM2-135M loses a fifth of its perplexity (docs/decisions/0009-decoding.md). Q8_0 is carried over exactly.

Refuses to know: ONNX, models, which weights deserve how many bits.

Shapes: N outputs, B blocks of an output, W values of a block.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Bytes = NDArray[np.uint8]

__all__ = ["Blocks", "dequantize", "quantize"]

MIDDLE = 128  # the zero point that MatMulNBits takes in 8 bits when it is given none
HIGHEST = 15
REST_MIDDLE = 8


@dataclass(frozen=True, slots=True)
class Blocks:
    """A weight [outputs, inputs] in blocks of `size` inputs.

    Attributes:
        values: uint8; [N, B, W] in 8 bits, [N, B, W / 2] in 4, the earlier value in the lower half.
        scales: float32 [N, B].
        zero_points: uint8 [N, ceil(B / 2)], packed like values; None in 8 bits, where it is 128 everywhere.
        bits: 4 or 8.
        size: values of a block (W).
        inputs: of the weight; a last block that they do not fill is filled up with zeros.
        sums: how many sums of blocks follow the inputs; 0 in 8 bits.
    """

    values: Bytes
    scales: Floats
    zero_points: Bytes | None
    bits: int
    size: int
    inputs: int
    sums: int = 0


def quantize(weight: Floats, *, bits: int, size: int) -> Blocks:
    """Split a weight [outputs, inputs] into blocks of `size` inputs, a power of two from 16, in 4 or 8 bits.

    Raises:
        ValueError: other bits, or in 4 bits inputs that are not a multiple of `size`.
    """
    inputs = weight.shape[1]
    if bits == 8:
        around, scales = _symmetric(_cut(weight, size), 127)
        return Blocks((around + MIDDLE).astype(np.uint8), scales, None, bits, size, inputs)
    if bits != 4 or inputs % size:
        raise ValueError(f"{bits} bits for {inputs} inputs: expected 8, or 4 and a multiple of {size}")
    values, scales, zeros, rests = _four_bits(_cut(weight, size))
    rest_values, rest_scales = _symmetric(_cut(rests, size), HIGHEST // 2)
    values = np.concatenate([values, (rest_values + REST_MIDDLE).astype(np.uint8)], axis=1)
    zeros = np.concatenate([zeros, np.full(rest_scales.shape, REST_MIDDLE, dtype=np.uint8)], axis=1)
    scales = np.concatenate([scales, rest_scales], axis=1)
    return Blocks(_packed(values), scales, _packed(zeros), bits, size, inputs, sums=inputs // size)


def dequantize(blocks: Blocks) -> Floats:
    """What the blocks stand for, [outputs, inputs]."""
    if blocks.zero_points is None:
        return _joined(blocks.values, blocks.scales, MIDDLE, blocks.inputs)
    zeros = _unpacked(blocks.zero_points)[:, : blocks.scales.shape[1], None].astype(np.float32)
    every = _joined(_unpacked(blocks.values), blocks.scales, zeros, blocks.inputs + blocks.sums)
    weight, rests = every[:, : blocks.inputs], every[:, blocks.inputs :]
    if not blocks.sums:
        return weight
    result: Floats = weight + np.repeat(rests, blocks.size, axis=1)
    return result


def _cut(weight: Floats, size: int) -> Floats:
    """[N, inputs] → [N, B, W], filled up with zeros."""
    outputs, inputs = weight.shape
    count = -(-inputs // size)
    padded = np.zeros((outputs, count * size), dtype=np.float32)
    padded[:, :inputs] = weight
    return padded.reshape(outputs, count, size)


def _joined(values: Bytes, scales: Floats, zeros: Floats | int, inputs: int) -> Floats:
    """The inverse of `_cut`, of values [N, B, W] with their scales."""
    weight: Floats = ((values.astype(np.float32) - zeros) * scales[..., None]).reshape(values.shape[0], -1)
    return weight[:, :inputs]


def _symmetric(blocks: Floats, largest: int) -> tuple[Floats, Floats]:
    """Whole values from -largest to largest [N, B, W] and scales [N, B]; off by half a scale at most."""
    scales = (np.abs(blocks).max(axis=2) / np.float32(largest)).astype(np.float32)
    values: Floats = np.rint(blocks / _divisible(scales)[..., None])
    return values, scales


def _four_bits(blocks: Floats) -> tuple[Bytes, Floats, Bytes, Floats]:
    """Values 0 to 15 [N, B, W]; scales, whole zero points and rests [N, B], such that a block is
    ``(values - zero point) · scale + rest``."""
    lowest = blocks.min(axis=2)
    scales = ((blocks.max(axis=2) - lowest) / np.float32(HIGHEST)).astype(np.float32)
    steps = np.rint((blocks - lowest[..., None]) / _divisible(scales)[..., None])
    zeros = np.clip(np.rint(-lowest / _divisible(scales)), 0, HIGHEST)
    rests = (lowest + scales * zeros).astype(np.float32)
    return np.clip(steps, 0, HIGHEST).astype(np.uint8), scales, zeros.astype(np.uint8), rests


def _divisible(array: Floats) -> Floats:
    """The array with 1 where it is 0: a block of equal values needs no scale."""
    result: Floats = np.where(array == 0, np.float32(1), array)
    return result


def _packed(values: Bytes) -> Bytes:
    """Two 4-bit values of the last axis in a byte, the earlier in the lower half; filled up with 0."""
    if values.shape[-1] % 2:
        values = np.concatenate([values, np.zeros_like(values[..., :1])], axis=-1)
    packed: Bytes = values[..., 0::2] | (values[..., 1::2] << np.uint8(4))
    return packed


def _unpacked(packed: Bytes) -> Bytes:
    """The inverse of `_packed`, with the filling."""
    low, high = (packed & 15).astype(np.uint8), (packed >> 4).astype(np.uint8)
    return np.stack([low, high], axis=-1).reshape(*packed.shape[:-1], -1)
