from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.export.weight_blocks import Blocks, dequantize, quantize


def weight(seed: int, outputs: int = 6, inputs: int = 80, centre: float = 0.0) -> np.ndarray:
    return np.random.default_rng(seed).normal(centre, 0.1, (outputs, inputs)).astype(np.float32)


@given(seed=st.integers(0, 10**6), size=st.sampled_from([16, 32, 64]), centre=st.sampled_from([0.0, 0.3, -5.0]))
def test_eight_bits_are_within_half_a_step(seed: int, size: int, centre: float) -> None:
    source = weight(seed, centre=centre)
    blocks = quantize(source, bits=8, size=size)
    assert blocks.zero_points is None
    steps = np.repeat(blocks.scales, size, axis=1)[:, : source.shape[1]]
    assert (np.abs(dequantize(blocks) - source) <= steps / 2 * 1.001).all()


@given(seed=st.integers(0, 10**6), size=st.sampled_from([16, 32]))
def test_four_bits_are_within_half_a_step_and_what_the_rests_lose(seed: int, size: int) -> None:
    """A rest is at most half a scale, and kept in seven steps to either side."""
    source = weight(seed, inputs=96)
    blocks = quantize(source, bits=4, size=size)
    count = 96 // size
    assert blocks.sums == count
    assert blocks.scales.shape[1] == count + -(-count // size)
    steps = blocks.scales[:, :count]
    allowed = steps / 2 + steps.max(axis=1, keepdims=True) / 28
    assert (np.abs(dequantize(blocks) - source) <= np.repeat(allowed, size, axis=1) * 1.001).all()


def test_q8_0_is_carried_over_exactly() -> None:
    rng = np.random.default_rng(0)
    values = rng.integers(-127, 128, (5, 3, 32))
    values[..., 0] = 127  # Q8_0 takes its scale from the largest value
    scales = rng.uniform(0.001, 0.1, (5, 3, 1)).astype(np.float16).astype(np.float32)
    source = (values * scales).astype(np.float32).reshape(5, 96)
    np.testing.assert_allclose(dequantize(quantize(source, bits=8, size=32)), source, rtol=1e-6)


def test_q4_1_is_carried_over_but_for_a_28th_of_a_step() -> None:
    rng = np.random.default_rng(0)
    values = rng.integers(0, 16, (5, 18, 32))
    values[..., 0], values[..., 1] = 0, 15  # Q4_1 takes its minimum and its scale from the range
    scales = rng.uniform(0.01, 0.02, (5, 18, 1))
    minima = -scales * rng.uniform(5, 10, (5, 18, 1))
    source = (values * scales + minima).astype(np.float32).reshape(5, 576)
    assert np.abs(dequantize(quantize(source, bits=4, size=32)) - source).max() <= 0.02 / 28 * 1.01


@pytest.mark.parametrize(("bits", "inputs"), [(4, 64), (8, 40)])
def test_zeros_stay_zero_and_the_last_block_is_filled_up(bits: int, inputs: int) -> None:
    source = weight(1, inputs=inputs)
    source[2] = 0
    blocks = quantize(source, bits=bits, size=32)
    assert blocks.values.shape == (6, 2 if bits == 8 else 3, 32 * bits // 8)
    found = dequantize(blocks)
    assert found.shape == source.shape
    assert not found[2].any()


def test_values_are_packed_with_the_earlier_in_the_lower_half() -> None:
    values = np.array([[[0x21, 0x43]]], dtype=np.uint8)
    blocks = Blocks(values, np.ones((1, 1), np.float32), np.array([[0x01]], np.uint8), bits=4, size=4, inputs=4)
    np.testing.assert_array_equal(dequantize(blocks), [[0, 1, 2, 3]])


@pytest.mark.parametrize(("bits", "inputs"), [(3, 64), (4, 40)])
def test_other_forms_are_a_mistake(bits: int, inputs: int) -> None:
    with pytest.raises(ValueError, match=f"{bits} bits for {inputs} inputs"):
        quantize(weight(0, inputs=inputs), bits=bits, size=32)
