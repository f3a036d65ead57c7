"""Plots: figures → inline SVG (or a shaded table), coloured by the page's style sheet; one plot per file."""

from __future__ import annotations

__all__: list[str] = []
