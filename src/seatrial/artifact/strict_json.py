"""JSON that every parser reads: NaN and infinity, which JSON lacks and Python writes nevertheless, become null."""

from __future__ import annotations

import json
import math
from typing import Any

__all__ = ["strict_json"]


def strict_json(value: Any, *, indent: int | None = None, ascii_only: bool = False) -> str:
    """The value as one JSON text.

    Args:
        value: mappings, sequences and plain values; anything else is written as its `str`.
        indent: spaces per level, or None for one line.
        ascii_only: write other characters as escapes.
    """
    return json.dumps(_plain(value), indent=indent, ensure_ascii=ascii_only, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
