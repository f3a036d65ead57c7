"""A plain horizontal bar for a share between 0 and 1, to stand beside its number in a table."""

from __future__ import annotations

from seatrial.govern.figures import finite
from seatrial.report.markup import Html, h

__all__ = ["share_bar"]

WIDTH = 160


def share_bar(share: object) -> Html:
    """The bar, empty for what is not a finite number. It is not read out: the number must stand beside it."""
    value = min(max(finite(share) or 0.0, 0.0), 1.0)
    parts = [
        h("rect.track", attrs={"x": 0, "y": 3, "width": WIDTH, "height": 10, "rx": 3}),
        h("rect.fill", attrs={"x": 0, "y": 3, "width": value * WIDTH, "height": 10, "rx": 3}),
    ]
    return h("svg.share", parts, attrs={"viewBox": f"0 0 {WIDTH} 16", "aria-hidden": "true"})
