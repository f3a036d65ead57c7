"""How long work says how far it is, without knowing who listens.

A stage calls its `progress` with a name, the units done, the total if known, and live figures (loss, rate). The command
line draws a bar from it; a test passes `silent`. Standard library only; nothing here prints.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

__all__ = ["Progress", "silent"]


class Progress(Protocol):
    """Called often; must return at once and never raise."""

    def __call__(
        self,
        what: str,
        done: int,
        total: int | None = None,
        figures: Mapping[str, float] | None = None,
    ) -> None:
        """Report that `done` of `total` units of `what` are finished.

        Args:
            what: the work's name, stable over its life, for example ``"train"``.
            done: units finished so far; ``done == total`` closes the bar.
            total: units in all, or None while unknown.
            figures: live figures to show, for example ``{"loss": 0.41, "texts_per_s": 96.0}``.
        """


def silent(
    what: str,
    done: int,
    total: int | None = None,
    figures: Mapping[str, float] | None = None,
) -> None:
    """A `Progress` that nobody hears."""
