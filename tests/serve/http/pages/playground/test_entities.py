"""A model that marks parts of texts: they stand out in the text, and a file of answers has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from ....entity_engine import EntityEngine
from .conftest import service
from .patience import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture(scope="module")
def entity_url(card_folder: Path) -> Iterator[str]:
    with service([cast("Any", EntityEngine(card_folder))]) as address:
        yield address


def test_entities_are_marked_in_the_text(open_page: Callable[[str], Page], entity_url: str) -> None:
    page = open_page(entity_url)
    expect(page.locator("#about")).to_have_text("Token classification · version 0123456789ab · 2 labels")
    page.locator("#text").fill("👍 Ada met Bo in 1815")
    marks = page.locator("#result .marked mark")
    expect(marks).to_have_text(["AdaPER", "BoPER", "1815LOC"])
    expect(page.locator("#result .marked")).to_contain_text("👍 AdaPER met BoPER in 1815LOC")
    expect(page.locator("#result tbody tr")).to_have_count(3)
    expect(page.locator("[role=status]")).to_have_text("3 entities found")
    page.locator("#text").fill("none here")
    expect(page.locator("#result")).to_contain_text("Nothing was found in it.")


def test_several_texts_have_their_marks_and_a_file(open_page: Callable[[str], Page], entity_url: str) -> None:
    page = open_page(entity_url)
    page.locator("[name=mode][value=lines]").check(force=True)
    page.locator("#text").fill("Ada and Bo\nnone here\n")
    expect(page.locator("#result tbody tr")).to_have_count(2)
    expect(page.locator("#result .bars dt")).to_have_text(["PER", "LOC"])
    with page.expect_download() as saved:
        page.locator("#download").click()
    text = Path(saved.value.path()).read_text(encoding="utf-8")
    assert text.splitlines()[0] == "text,entities"
    assert '""label"":""PER""' in text
