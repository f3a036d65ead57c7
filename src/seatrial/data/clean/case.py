"""Lower case, for models that were trained on it."""

from __future__ import annotations

__all__ = ["lowercase"]


def lowercase(text: str) -> str:
    """The text in lower case, by Unicode's rules."""
    return text.lower()
