"""Dot and whisker: one row's figure with its interval, on a scale that all rows of a table share.

Labels and numbers stay in the table around it, where long names wrap and screen readers find them.
"""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.govern.figures import figure, finite
from seatrial.records import Measurement
from seatrial.report.markup import Html, h
from seatrial.report.plots.scale import Scale, span, ticks

__all__ = ["axis", "shared_scale", "whisker"]

WIDTH = 260
HEIGHT = 24
MARGIN = 18  # half the widest label of the axis: what reaches beyond the last column is cut off


def shared_scale(measurements: Sequence[Measurement]) -> Scale:
    """One scale for all these measurements and their intervals."""
    ends = [end for m in measurements if m.interval for end in (m.interval.low, m.interval.high)]
    figures = [number for value in (*ends, *(m.value for m in measurements)) if (number := finite(value)) is not None]
    shares = bool(figures) and min(figures) >= 0 and max(figures) <= 1
    return Scale(*span(figures, within=(0.0, 1.0) if shares else None), MARGIN, WIDTH - MARGIN)


def axis(scale: Scale) -> Html:
    """The scale's numbers, to stand in the header of the column."""
    marks = ticks(scale.low, scale.high, 4)
    digits = 2 if scale.high - scale.low < 10 else 0
    labels = [
        h("text", f"{mark:.{digits}f}", attrs={"x": scale(mark), "y": 11, "text-anchor": "middle"}) for mark in marks
    ]
    return h("svg.axis", labels, attrs={"viewBox": f"0 0 {WIDTH} 14", "aria-hidden": "true"})


def whisker(measurement: Measurement, scale: Scale, *, kind: str = "ours", reference: float | None = None) -> Html:
    """One row.

    Args:
        measurement: the figure and its interval.
        scale: from `shared_scale`.
        kind: ``"ours"`` or ``"theirs"``; the mark's shape and colour both change.
        reference: a figure to mark by a dashed line through all rows, for example the whole's.
    """
    middle = HEIGHT / 2
    value = finite(measurement.value)
    parts = [_vertical("line.grid", scale(mark)) for mark in ticks(scale.low, scale.high, 4)]
    if finite(reference) is not None:
        parts.append(_vertical("line.reference", scale(float(reference or 0))))
    found = measurement.interval
    if value is not None and found and finite(found.low) is not None and finite(found.high) is not None:
        low, high = scale(found.low), scale(found.high)
        parts.append(h(f"line.whisker.{kind}", attrs={"x1": low, "x2": high, "y1": middle, "y2": middle}))
        cap = {"y1": middle - 4, "y2": middle + 4}
        parts += [h(f"line.whisker.{kind}", attrs={"x1": end, "x2": end, **cap}) for end in (low, high)]
    if value is not None and kind == "ours":
        parts.append(h("circle.dot.ours", attrs={"cx": scale(value), "cy": middle, "r": 5}))
    elif value is not None:
        x = scale(value) - 4
        parts.append(h("rect.dot.theirs", attrs={"x": x, "y": middle - 4, "width": 8, "height": 8}))
    label = f"{figure(measurement.metric, value)} on the shared scale" if value is not None else "not defined"
    return h("svg.row", parts, attrs={"viewBox": f"0 0 {WIDTH} {HEIGHT}", "role": "img", "aria-label": label})


def _vertical(name: str, x: float) -> Html:
    return h(name, attrs={"x1": x, "x2": x, "y1": 0, "y2": HEIGHT})
