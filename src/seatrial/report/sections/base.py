"""What a section of the page is: anchor, title and content made from a trial, or nothing without figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from seatrial.records import Trial
from seatrial.report.markup import Child, Html, h

__all__ = ["MakeSection", "Section", "figure_box", "legend"]


@dataclass(frozen=True, slots=True)
class Section:
    """One section.

    Attributes:
        anchor: unique id, for the navigation.
        title: heading.
        lead: one or two sentences that say how to read it.
        body: the content.
    """

    anchor: str
    title: str
    lead: Child
    body: Child


MakeSection: TypeAlias = Callable[[Trial], Section | None]


def legend(items: Sequence[tuple[str, str]]) -> Html:
    """Keys to a plot: (class of the key's mark, what it stands for)."""
    return h("span", [h("span.keyed", h(f"span.key.{kind}"), text) for kind, text in items])


def figure_box(title: str, plot: Child, note: Child = None) -> Html:
    """A plot under its title, with a note or legend below."""
    return h("figure", h("figcaption", title), plot, h("p.note", note) if note else None)
