"""Learning curves: the loss over the steps, and a validation score over the epochs with the best one marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seatrial.govern.figures import figure, finite, metric_name
from seatrial.report.markup import Html, h
from seatrial.report.plots.axes import Frame, polylines
from seatrial.report.plots.scale import span

__all__ = ["loss_curve", "score_curve"]

Points = Sequence[Mapping[str, Any]]
MAX_POINTS = 400
"""More points than the plot has pixels only make the file heavy."""


def loss_curve(steps: Points, validations: Points) -> Html | None:
    """Training loss (thin), its moving average (thick), validation loss (diamonds); None without a finite loss."""
    losses = [(finite(p.get("step")), finite(p.get("loss"))) for p in steps]
    known = [(x, y) for x, y in losses if x is not None and y is not None]
    checks = [
        (x, y)
        for p in validations
        if (x := finite(p.get("step"))) is not None and (y := finite(p.get("loss"))) is not None
    ]
    if len(known) < 2:
        return None
    frame = Frame(span((x for x, _ in known + checks), pad=0.01), span(y for _, y in known + checks))
    every = max(1, len(losses) // MAX_POINTS)
    raw = [None if x is None or y is None else (frame.x(x), frame.y(y)) for x, y in losses[::every]]
    smooth = [(frame.x(x), frame.y(y)) for x, y in _moving_average(known)[::every]]
    marks = [
        *polylines("polyline.faint", raw),
        *polylines("polyline.strong", smooth),
        *(_diamond(frame.x(x), frame.y(y)) for x, y in checks),
    ]
    label = f"Training loss over {known[-1][0]:,.0f} steps, from {known[0][1]:.3f} to {known[-1][1]:.3f}."
    return frame.draw(marks, x_title="step", y_title="loss", label=label)


def score_curve(validations: Points, score: str) -> Html | None:
    """One validation score over the epochs; None without a finite score."""
    points = [
        (x, y, p.get("best") is True)
        for p in validations
        if (x := finite(p.get("epoch"))) is not None and (y := finite(p.get(score))) is not None
    ]
    if not points:
        return None
    frame = Frame(
        span((0.0, *(x for x, _, _ in points)), pad=0.06, within=(0.0, float("inf"))),
        span((y for _, y, _ in points), pad=0.25),
    )
    marks: list[Html] = polylines("polyline.strong", [(frame.x(x), frame.y(y)) for x, y, _ in points])
    label = f"Validation {metric_name(score)} over {len(points)} validations."
    for x, y, best in points:
        marks.append(
            h(
                "circle.dot.best" if best else "circle.dot.plain",
                attrs={"cx": frame.x(x), "cy": frame.y(y), "r": 6 if best else 4},
            )
        )
        if best:
            anchor = "end" if frame.x(x) > frame.width * 0.75 else "middle"
            text = f"best {figure(score, y)}"
            marks.append(h("text.mark", text, attrs={"x": frame.x(x), "y": frame.y(y) - 12, "text-anchor": anchor}))
            label += f" The best, {figure(score, y)}, came at epoch {x:g}."
    return frame.draw(marks, x_title="epoch", y_title=metric_name(score), label=label)


def _moving_average(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Exponential moving average over about a twentieth of the points."""
    weight = 1 / max(1.0, len(points) / 20)
    mean, smooth = points[0][1], []
    for x, y in points:
        mean += weight * (y - mean)
        smooth.append((x, mean))
    return smooth


def _diamond(x: float, y: float) -> Html:
    return h("path.check", attrs={"d": f"M{x:.1f} {y - 6:.1f}l6 6l-6 6l-6 -6z"})
