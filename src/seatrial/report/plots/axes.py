"""The frame of an x-y plot: grid, tick labels and axis titles, and lines that break where a figure is not defined.

Refuses to know what is plotted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from seatrial.report.markup import Child, Html, h
from seatrial.report.plots.scale import Scale, ticks

__all__ = ["Frame", "polylines"]

LEFT, RIGHT, TOP, BOTTOM = 64, 16, 14, 44


@dataclass(frozen=True, slots=True)
class Frame:
    """An x-y plot of `width` × `height` units over two ranges."""

    x_range: tuple[float, float]
    y_range: tuple[float, float]
    width: int = 460
    height: int = 280

    @property
    def x(self) -> Scale:
        """Left to right."""
        return Scale(*self.x_range, LEFT, self.width - RIGHT)

    @property
    def y(self) -> Scale:
        """Bottom to top."""
        return Scale(*self.y_range, self.height - BOTTOM, TOP)

    def draw(self, marks: Child, *, x_title: str, y_title: str, label: str) -> Html:
        """The whole SVG.

        Args:
            marks: what is drawn inside.
            x_title: title of the x axis.
            y_title: title of the y axis.
            label: the plot in one sentence, for those who do not see it.
        """
        bottom, right = self.height - BOTTOM, self.width - RIGHT
        parts: list[Html] = []
        for mark, text in _labelled(self.y_range, 5):
            y = self.y(mark)
            parts.append(h("line.grid", attrs={"x1": LEFT, "x2": right, "y1": y, "y2": y}))
            parts.append(h("text", text, attrs={"x": LEFT - 7, "y": y + 4, "text-anchor": "end"}))
        for mark, text in _labelled(self.x_range, 6):
            parts.append(h("text", text, attrs={"x": self.x(mark), "y": bottom + 17, "text-anchor": "middle"}))
        parts.append(h("line.base", attrs={"x1": LEFT, "x2": right, "y1": bottom, "y2": bottom}))
        middle = (LEFT + right) / 2
        parts.append(h("text.title", x_title, attrs={"x": middle, "y": self.height - 7, "text-anchor": "middle"}))
        turn = f"rotate(-90 13 {(TOP + bottom) / 2})"
        title: dict[str, str | float | None] = {
            "x": 13,
            "y": (TOP + bottom) / 2,
            "text-anchor": "middle",
            "transform": turn,
        }
        parts.append(h("text.title", y_title, attrs=title))
        frame = {"viewBox": f"0 0 {self.width} {self.height}", "role": "img", "aria-label": label}
        return h("svg.plot", parts, marks, attrs=frame)


def polylines(name: str, points: Iterable[tuple[float, float] | None]) -> list[Html]:
    """Lines through the points, interrupted at each None.

    Args:
        name: element name with classes, for example ``"polyline.loss"``.
        points: positions in the plot, in order.
    """
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [h(name, attrs={"points": " ".join(f"{x:.1f},{y:.1f}" for x, y in run)}) for run in runs if len(run) > 1]


def _labelled(limits: tuple[float, float], count: int) -> Sequence[tuple[float, str]]:
    """Ticks with texts that have just enough digits to tell them apart."""
    marks = ticks(*limits, count)
    texts: list[str] = []
    for digits in range(7):
        texts = [f"{mark:,.{digits}f}".replace("-", "\u2212") for mark in marks]
        if all(abs(mark - round(mark, digits)) < 1e-9 for mark in marks):
            break
    return list(zip(marks, texts, strict=True))
