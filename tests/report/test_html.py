"""The page as a browser reads it: whole, safe, offline, accessible."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from seatrial.records import Trial
from seatrial.report.html import report_page

VOID = {"br", "col", "link", "meta"}


class Reader(HTMLParser):
    """Checks nesting, and keeps tags with their attributes and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)

    def attributes(self, name: str) -> list[str]:
        return [attrs[name] or "" for _, attrs in self.tags if name in attrs]


@pytest.fixture(params=["trial", "refused", "bare", "hostile", "vectors"])
def page(request: pytest.FixtureRequest) -> str:
    return report_page(request.getfixturevalue(request.param))


def test_tags_are_balanced_and_ids_unique(page: str) -> None:
    reader = Reader(page)
    assert reader.open == []
    ids = reader.attributes("id")
    assert len(ids) == len(set(ids)) > 2


def test_nothing_is_loaded_or_run(page: str) -> None:
    reader = Reader(page)
    names = {tag for tag, _ in reader.tags}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "image", "use", "form", "base"}
    assert {link for link in reader.attributes("href") if not link.startswith("#")} <= {"DATASHEET.md"}  # beside it
    assert not any(name.startswith("on") or name in {"src", "srcset"} for _, attrs in reader.tags for name in attrs)
    style = page.partition("<style>")[2].partition("</style>")[0]
    assert style
    assert not re.search(r"url\(|@import|image-set|https?:", style)
    policy = next(a["content"] for t, a in reader.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'")


def test_navigation_leads_to_every_section(page: str) -> None:
    reader = Reader(page)
    sections = [attrs["id"] for tag, attrs in reader.tags if tag == "section"]
    links = [link[1:] for link in reader.attributes("href") if link.startswith("#") and link != "#verdict"]
    assert ["verdict", *links] == sections
    assert sections[:2] == ["verdict", "summary"]


def test_readable_without_eyes(page: str) -> None:
    reader = Reader(page)
    for tag, attrs in reader.tags:
        if tag == "svg":
            assert attrs.get("aria-hidden") == "true" or (attrs.get("role") == "img" and attrs.get("aria-label"))
        if tag == "th":
            assert attrs.get("scope") in {"col", "row"}
        if "scroll" in (attrs.get("class") or "").split():
            assert attrs.get("tabindex") == "0"
            assert attrs.get("aria-label")
    levels = [int(tag[1]) for tag, _ in reader.tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_can_be_written_as_utf8(page: str) -> None:
    assert page.encode("utf-8")
    assert "\x00" not in page
    assert "\u202e" not in page


def test_user_texts_are_shown_as_they_are(hostile: Trial) -> None:
    text = "".join(Reader(report_page(hostile)).texts)
    assert "</script><script>alert('x')</script>\"'&|`*_[x](y)" in text
    assert "هذا المنتج رائع جدا" in text


def test_undefined_figures_are_never_printed(hostile: Trial) -> None:
    page = report_page(hostile)
    assert not re.search(r"\b(nan|inf|None)\b", page.partition("<body>")[2].partition("<details>")[0])


def test_sections_without_figures_are_left_out(bare: Trial) -> None:
    sections = [attrs["id"] for tag, attrs in Reader(report_page(bare)).tags if tag == "section"]
    assert sections == ["verdict", "summary", "lineage"]


def test_every_section_is_there(trial: Trial) -> None:
    sections = [attrs["id"] for tag, attrs in Reader(report_page(trial)).tags if tag == "section"]
    assert sections == [
        "verdict", "summary", "learning", "confusion", "calibration", "slices", "opponents", "candidates", "mistakes",
        "data", "lineage", "time",
    ]  # fmt: skip


def test_no_opponents_no_section(hostile: Trial) -> None:
    assert 'id="opponents"' not in report_page(hostile)


def test_outcome_stands_in_title_and_banner(trial: Trial, refused: Trial) -> None:
    assert "<title>comments: accepted" in report_page(trial)
    page = report_page(refused)
    assert "<title>comments: not accepted" in page
    assert "2 of 9 requirements are not met" in page
