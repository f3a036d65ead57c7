"""The command line: one module per command, flags apart from what they do; the only room that prints."""

from __future__ import annotations

__all__: list[str] = []
