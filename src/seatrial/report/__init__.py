"""The trial as one HTML file: a `Trial` → a page that opens offline, runs no script and loads nothing."""

from __future__ import annotations

from seatrial.report.html import report_page

__all__ = ["report_page"]
