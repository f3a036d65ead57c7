"""The `data.ratings` section: how the ratings of several people become one label and a distribution."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from seatrial.spec.base import Section

__all__ = ["Ratings"]


class Ratings(Section):
    """How the ratings of several people become a label and a distribution."""

    vote: Literal["sign", "label"] = "sign"
    """`sign`: a number's sign (below 0, 0, above 0) is the vote, for the three labels in order. `label`: each rating
    is a label name."""
    consensus: Literal["majority", "dawid-skene"] = "majority"
    """`majority`: the label with most votes, and the shares of the votes as soft targets. `dawid-skene`: votes count by
    how reliable each rater turns out to be, and the model's certainty is the soft target. It needs to know who said
    what: a column per rater, a mapping from rater to rating, or lists in which each place is always the same person."""
    agreed: float = Field(default=0.7, gt=0, le=1)
    """The slice `agreed` is `yes` where at least this share of raters gave the majority label."""
