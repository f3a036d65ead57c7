"""The report on data as a page of its own: written by `seatrial data inspect --html`.

Texts of users are shown as they are, always as data, never as markup. Refuses to know how the figures were found.
"""

from __future__ import annotations

from seatrial.records import Report
from seatrial.report.html import document
from seatrial.report.inspected import copied, findings, makeup, samples
from seatrial.report.markup import h, user
from seatrial.report.sections.base import Section

__all__ = ["data_page"]


def data_page(report: Report, name: str) -> str:
    """The whole report as one self-contained HTML document.

    Args:
        report: of `seatrial.data.inspect`.
        name: what was looked at.

    Returns:
        The document as text, to be written as UTF-8.
    """
    sections: list[Section] = [
        section for make in (makeup, copied, findings, samples) if (section := make(report)) is not None
    ]
    header = h("header", h("p.brand", "Data report"), h("h1", user(name)))
    foot = "Made by Seatrial from the data as they are, before anything is cleaned or left out."
    return document(f"{name}: data report", header, sections, foot, skip="Skip to the figures")
