"""What a rule is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Rule"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A name, and a function from a text to one of the labels, or to None where it has nothing to say.

    Attributes:
        name: unique among the rules.
        says: called once per text; must always say the same about the same text.
    """

    name: str
    says: Callable[[str], str | None]
