"""Rows → a report on them: how many, of which classes, how long, in which languages, copied, leaking, suspicious.

Inputs: items from files (`items_of_table`) or from the sources of a project (`items_of_project`). Output: a `Report`,
which the terminal, JSON and HTML show. Nothing is changed. Refuses to know: models, pages, the command line.
"""

from __future__ import annotations

from seatrial.data.inspect.inspect import Look, inspect_items
from seatrial.data.inspect.items import Item, Unread, items_of_project, items_of_table

__all__ = ["Item", "Look", "Unread", "inspect_items", "items_of_project", "items_of_table"]
