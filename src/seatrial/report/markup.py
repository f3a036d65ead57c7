"""HTML and SVG as nested calls, escaped by construction: only `h` makes markup, every other text is data.

Refuses to know what a page is. Attribute names and tags come from our own code; children and attribute values may come
from anyone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TypeAlias

from seatrial.govern.figures import printable

__all__ = ["Child", "Html", "h", "user"]

VOID = frozenset({"br", "circle", "col", "line", "link", "meta", "path", "polyline", "rect"})


class Html(str):
    """Markup that is safe to insert as it is."""

    __slots__ = ()


Child: TypeAlias = "str | Sequence[Child] | None"
Attributes: TypeAlias = Mapping[str, "str | float | None"]


def h(name: str, *children: Child, attrs: Attributes | None = None) -> Html:
    """One element.

    Args:
        name: the tag, with classes after dots: ``"td.number"``.
        children: text (escaped), markup, nested sequences of them, or None (left out).
        attrs: attribute → value; None leaves the attribute out, ``""`` writes it bare.
    """
    tag, *classes = name.split(".")
    given: dict[str, str | float | None] = {"class": " ".join(classes) or None, **(attrs or {})}
    head = tag + "".join(_attribute(key, value) for key, value in given.items() if value is not None)
    if tag in VOID:
        return Html(f"<{head}>" if tag in {"br", "col", "link", "meta"} else f"<{head}/>")
    return Html(f"<{head}>{_inner(children)}</{tag}>")


def user(text: object) -> Html:
    """A user's text, cut off from the direction of what stands around it (Arabic in an English table)."""
    return h("bdi", printable(text))


def _attribute(key: str, value: str | float) -> str:
    if isinstance(value, float):
        value = f"{value:.2f}".rstrip("0").rstrip(".")
    return f' {key}="{escape(printable(value))}"'


def _inner(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Html):
        return child
    if isinstance(child, str):
        return escape(printable(child), quote=False)
    return "".join(map(_inner, child))
