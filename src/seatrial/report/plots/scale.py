"""From figures to positions: a linear scale with round ticks.

Refuses to know SVG. Positions are in the plot's own units, left to right or bottom to top.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from seatrial.govern.figures import finite

__all__ = ["Scale", "span", "ticks"]


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps the range `low`…`high` to positions `start`…`end` (`end` may be the smaller one)."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The position of `value`, held inside the plot."""
        share = (value - self.low) / (self.high - self.low)
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)


def span(
    values: Iterable[object], *, pad: float = 0.08, within: tuple[float, float] | None = None
) -> tuple[float, float]:
    """A range that holds every finite value with some room, never empty.

    Args:
        values: figures; what is not a finite number is left out.
        pad: room on both sides, as a share of the range.
        within: limits that the room must not cross.
    """
    numbers = [number for value in values if (number := finite(value)) is not None]
    if not numbers:
        return within or (0.0, 1.0)
    low, high = min(numbers), max(numbers)
    room = (high - low) * pad or abs(high) * 0.1 or 1.0
    low, high = low - room, high + room
    if within:
        # A figure may itself lie outside the limits; the range then reaches to it and no further.
        low, high = max(low, min(within[0], *numbers)), min(high, max(within[1], *numbers))
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """About `count` round numbers (1, 2 or 5 times a power of ten) inside the range."""
    raw = (high - low) / max(count, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]
