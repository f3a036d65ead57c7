"""Texts with nothing in them are dropped."""

from __future__ import annotations

from seatrial.data.clean.base import Refusal

__all__ = ["drop_empty"]


def drop_empty(text: str) -> str | Refusal:
    """The text as it is, or a refusal when it is empty or only white space."""
    return text if text.strip() else Refusal("text is empty")
