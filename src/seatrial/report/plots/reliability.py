"""Reliability diagram: how often the model is right at each confidence, before and after calibration.

On the diagonal a model that says 80 % is right 80 % of the time (Guo et al. 2017, section 2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seatrial.govern.figures import finite
from seatrial.report.markup import Html, h
from seatrial.report.plots.axes import Frame, polylines

__all__ = ["reliability"]


def reliability(points: Sequence[Mapping[str, Any]]) -> Html | None:
    """Both curves over the diagonal, with the calibrated answers' counts as bars; None when no bin has a figure."""
    frame = Frame((0.0, 1.0), (0.0, 1.0), width=400, height=380)
    after = _bins(points, calibrated=True)
    before = _bins(points, calibrated=False)
    if not after and not before:
        return None
    most = max((count for _, _, count in after or before), default=0.0) or 1.0
    base = frame.y(0)
    marks = []
    for confidence, _, count in after or before:
        tall = (base - frame.y(0.22)) * count / most
        marks.append(
            h("rect.count", attrs={"x": frame.x(confidence) - 7, "y": base - tall, "width": 14, "height": tall})
        )
    diagonal = {"x1": frame.x(0), "y1": frame.y(0), "x2": frame.x(1), "y2": frame.y(1)}
    marks.append(h("line.reference", attrs=diagonal))
    marks += polylines("polyline.before", [(frame.x(x), frame.y(y)) for x, y, _ in before])
    marks += polylines("polyline.strong", [(frame.x(x), frame.y(y)) for x, y, _ in after])
    marks += [
        h("rect.dot.theirs", attrs={"x": frame.x(x) - 4, "y": frame.y(y) - 4, "width": 8, "height": 8})
        for x, y, _ in before
    ]
    marks += [h("circle.dot.ours", attrs={"cx": frame.x(x), "cy": frame.y(y), "r": 5}) for x, y, _ in after]
    label = "Share of right answers at each confidence, before and after calibration, beside the ideal diagonal."
    return frame.draw(marks, x_title="confidence", y_title="share right", label=label)


def _bins(points: Sequence[Mapping[str, Any]], *, calibrated: bool) -> list[tuple[float, float, float]]:
    """(confidence, accuracy, count) of the bins that hold anything, by confidence."""
    return sorted(
        (x, y, finite(p.get("count")) or 0.0)
        for p in points
        if bool(p.get("calibrated")) is calibrated
        and (x := finite(p.get("confidence"))) is not None
        and (y := finite(p.get("accuracy"))) is not None
    )
