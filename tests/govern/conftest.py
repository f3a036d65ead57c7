"""The same made-up trials as the page has, for the card."""

from __future__ import annotations

from ..report.conftest import bare, fake, hostile, refused, trial, vectors

__all__ = ["bare", "fake", "hostile", "refused", "trial", "vectors"]
