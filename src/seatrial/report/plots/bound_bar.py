"""A requirement at a glance: the bound as a line, the accepted side shaded, the measured figure and its interval on it.

The text beside it says the same in numbers; the mark's shape says met or missed without colour.
"""

from __future__ import annotations

from seatrial.govern.figures import beside, bound, finite
from seatrial.records import RequirementResult
from seatrial.report.markup import Html, h
from seatrial.report.plots.scale import Scale, span

__all__ = ["bound_bar"]

WIDTH = 180
HEIGHT = 30


def bound_bar(result: RequirementResult) -> Html:
    """The bar of one requirement; without a measured figure only the bound is drawn."""
    asked = result.requirement
    ends = (
        [end for end in (result.interval.low, result.interval.high) if finite(end) is not None]
        if result.interval
        else []
    )
    floor = 0.0 if asked.metric.endswith(("_ms", "_mb")) else None  # these begin at zero; a share is looked at close up
    low, high = span([asked.bound, result.measured, floor, *ends], pad=0.3)
    scale = Scale(0.0 if floor is not None else low, high, 4, WIDTH - 4)
    line = scale(asked.bound)
    accepted = (line, WIDTH - 4) if asked.comparator == ">=" else (4, line)
    middle = HEIGHT / 2
    parts = [
        h("rect.track", attrs={"x": 4, "y": middle - 6, "width": WIDTH - 8, "height": 12, "rx": 3}),
        h("rect.zone", attrs={"x": accepted[0], "y": middle - 6, "width": accepted[1] - accepted[0], "height": 12}),
    ]
    kind = "met" if result.met else "missed"
    if len(ends) == 2:
        x1, x2 = map(scale, ends)
        parts.append(h(f"line.whisker.{kind}", attrs={"x1": x1, "x2": x2, "y1": middle, "y2": middle}))
        cap = {"y1": middle - 4, "y2": middle + 4}
        parts += [h(f"line.whisker.{kind}", attrs={"x1": x, "x2": x, **cap}) for x in (x1, x2)]
    parts.append(h("line.bound", attrs={"x1": line, "x2": line, "y1": 1, "y2": HEIGHT - 1}))
    value = finite(result.measured)
    if value is not None:
        parts.append(_mark(scale(value), middle, result.met))
    said = beside(asked.metric, value, asked.bound) if value is not None else "nothing measured"
    label = f"{said}, bound {bound(asked.metric, asked.bound)}, {'met' if result.met else 'not met'}"
    return h("svg.bar", parts, attrs={"viewBox": f"0 0 {WIDTH} {HEIGHT}", "role": "img", "aria-label": label})


def _mark(x: float, y: float, met: bool) -> Html:
    """A disc when met, a cross when missed."""
    if met:
        return h("circle.dot.met", attrs={"cx": x, "cy": y, "r": 5})
    return h("path.cross", attrs={"d": f"M{x - 5:.1f} {y - 5:.1f}l10 10m0 -10l-10 10"})
