"""What runs a network that continues sequences, a file per runtime; each has `open_engine`, see `base.OpenEngine`."""

from __future__ import annotations

__all__: list[str] = []
