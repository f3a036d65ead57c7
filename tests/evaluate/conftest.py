"""Toy examples and probabilities for the evaluation tests."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from seatrial.records import Example, Provenance

LABELS = ("negative", "neutral", "positive")


@pytest.fixture
def example() -> Callable[..., Example]:
    """Builds an example from a text, a label, slices and a distribution."""

    def build(label: str, text: str = "text", distribution: tuple[float, ...] | None = None, **slices: str) -> Example:
        raters = None if distribution is None else 20
        return Example("id", {"text": text}, label, Provenance("toy", 1), distribution, raters, slices)

    return build


@pytest.fixture
def random_case() -> Callable[..., tuple[NDArray[np.float64], NDArray[np.intp]]]:
    """Probabilities [n, k] and labels [n] that are right more often than not, with ties among the probabilities."""

    def draw(seed: int, n: int = 300, k: int = 3) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        generator = np.random.default_rng(seed)
        labels = generator.integers(0, k, n)
        logits = np.round(generator.normal(size=(n, k)) + 1.2 * np.eye(k)[labels], 1)
        probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        return probabilities, labels

    return draw
