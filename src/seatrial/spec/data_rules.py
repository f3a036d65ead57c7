"""The `data.rules:` section: rules that label training rows which nobody has labelled."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from seatrial.spec.base import Section

__all__ = ["WeakRules"]


class WeakRules(Section):
    """Rules that label the rows whose label is missing. Such rows are only learned from, never measured on: they stand
    in the training split, and their copies of what is held out are dropped. One name needs no section."""

    file: str = Field(min_length=1)
    """The rules, relative to the project file; see docs/data/agreement.md. What they say must be among `labels`."""
    combine: Literal["accuracy", "majority"] = "accuracy"
    """How the rules' answers become shares of labels. `accuracy`: a rule counts by how often it is right, as found from
    how the rules agree. `majority`: each rule has one vote."""
    sure: float = Field(default=0.0, ge=0, le=1)
    """Rows whose likeliest label has a smaller share than this are left out, as are those that no rule speaks about and
    those with two likeliest labels."""

    @model_validator(mode="before")
    @classmethod
    def _one_name(cls, value: Any) -> Any:
        return {"file": value} if isinstance(value, str) else value
