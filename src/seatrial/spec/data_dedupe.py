"""The `data.dedupe:` section: which texts count as copies, and what becomes of them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from seatrial.spec.base import Section

__all__ = ["Dedupe"]


class Dedupe(Section):
    """How copies are found before the split, and what becomes of them."""

    exact: bool = True
    """Keep one example of those with the same text, case, width and spaces aside."""
    near: float | None = Field(default=0.8, ge=0.3, le=1)
    """Jaccard similarity of word 3-grams (character 3-grams in scripts without spaces) from which two texts count as
    near copies; null to skip. Near copies stay together in one split, and never in the test split."""
    semantic: float | None = Field(default=None, ge=0.5, le=1)
    """Cosine of the vectors that the project's `model.base` gives from which two texts count as semantic copies, which
    are treated as near copies are; null to skip. Useful with a base model that was made for sentence vectors."""
    similar: Literal["together", "drop"] = "together"
    """What becomes of near and semantic copies: `together` keeps all of them in one split, `drop` keeps one of each
    cluster."""
    keep: Literal["first", "longest", "majority"] = "majority"
    """Which copy stays where one does. `majority`: the first with the label that more than half of the labelled ones
    have; where no label has, all are dropped. `first`: the first. `longest`: the longest text, of several the first.
    Where a column says the split, copies in test go before those in validation, and these before those in train."""
