"""The page: verdict first, then everything behind it, in one file without a script or an outside reference.

Refuses to know what the sections show. A content policy in the head makes the browser itself refuse to load anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

from seatrial.govern.figures import printable
from seatrial.records import Trial
from seatrial.report.markup import Html, h, user
from seatrial.report.sections import SECTIONS, Section

__all__ = ["document", "report_page"]

POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def report_page(trial: Trial) -> str:
    """The whole trial as one self-contained HTML document.

    Args:
        trial: what the voyage found out; tables and series that are missing are not shown.

    Returns:
        The document as text, to be written as UTF-8.
    """
    sections = [section for make in SECTIONS if (section := make(trial)) is not None]
    outcome = "accepted" if trial.verdict.accepted else "not accepted"
    foot = "Made by Seatrial from what its stages measured; a figure that is not here was not measured."
    title = f"{trial.project}: {outcome} · sea trial"
    return document(title, _header(trial), sections, foot, skip="Skip to the verdict")


def document(title: str, header: Html, sections: Sequence[Section], foot: str, *, skip: str) -> str:
    """A page of sections with its style in it.

    Args:
        title: of the window.
        header: what stands above the sections.
        sections: at least one, in order.
        foot: what stands below them.
        skip: says where the first link goes, which leads to the first section.
    """
    style = files("seatrial.report").joinpath("page.css").read_text("utf-8")
    head = h(
        "head",
        h("meta", attrs={"charset": "utf-8"}),
        h("meta", attrs={"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        h("meta", attrs={"name": "color-scheme", "content": "light dark"}),
        h("meta", attrs={"http-equiv": "Content-Security-Policy", "content": POLICY}),
        h("title", title),
        h("style", Html(style)),
    )
    body = h(
        "body",
        h("a.skip", skip, attrs={"href": f"#{sections[0].anchor}"}),
        header,
        h("div.layout", _navigation(sections), h("main", [_section(section) for section in sections])),
        h("footer", h("p", foot)),
    )
    return "<!doctype html>\n" + h("html", head, body, attrs={"lang": "en"}) + "\n"


def _header(trial: Trial) -> Html:
    when = h("time", printable(trial.created).replace("T", " ").replace("Z", " UTC"), attrs={"datetime": trial.created})
    about = h("p.about", trial.description, attrs={"dir": "auto"}) if trial.description else None
    return h("header", h("p.brand", "Sea trial report"), h("h1", user(trial.project)), about, h("p.when", when))


def _navigation(sections: Sequence[Section]) -> Html:
    links = [h("li", h("a", section.title, attrs={"href": f"#{section.anchor}"})) for section in sections]
    return h("nav", h("ul", links), attrs={"aria-label": "Sections"})


def _section(section: Section) -> Html:
    heading = f"{section.anchor}-title"
    lead = h("p.lead", section.lead) if section.lead else None
    attrs = {"id": section.anchor, "aria-labelledby": heading}
    return h("section", h("h2", section.title, attrs={"id": heading}), lead, section.body, attrs=attrs)
