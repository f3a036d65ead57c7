"""The project file: `seatrial.yaml` and `--set` overrides in, one strict typed tree out."""

from __future__ import annotations

__all__: list[str] = []
