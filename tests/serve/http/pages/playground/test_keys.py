"""A service with keys: the page asks for one, keeps it in memory only, and says what a key may not do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from seatrial.serve.access import Gatekeeper
from seatrial.serve.keys import KeyStore, Scope
from seatrial.serve.quota import Quota

from .conftest import WordEngine, service
from .patience import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Keys by what they may do, in a file beside which the service looks."""
    store = KeyStore(tmp_path_factory.mktemp("keys") / "keys.json", create=True)
    made = {
        "predict": store.add("predict", scopes=[Scope.PREDICT]),
        "metrics": store.add("metrics", scopes=[Scope.METRICS]),
        "slow": store.add("slow", scopes=[Scope.PREDICT], requests_per_minute=2),
    }
    return {"file": str(store.path), **{name: key[1] for name, key in made.items()}}


@pytest.fixture(scope="module")
def locked_url(keys: dict[str, str], card_folder: Path) -> Iterator[str]:
    gatekeeper = Gatekeeper(KeyStore(Path(keys["file"])), Quota(None))
    with service([WordEngine(card_folder)], gatekeeper=gatekeeper) as address:
        yield address


def give(page: Page, key: str) -> None:
    page.get_by_role("textbox", name="API key").fill(key)
    page.get_by_role("button", name="Use this key").click()


def test_a_key_opens_the_page_and_stays_in_its_memory(
    locked_url: str, keys: dict[str, str], open_page: Callable[[str], Page]
) -> None:
    page = open_page(locked_url)
    page.locator("#door-says", has_text="This service asks for a key.").wait_for()
    expect(page.locator("#key")).to_be_focused()
    expect(page.locator("#code")).to_be_hidden()
    give(page, keys["predict"])
    page.locator("#about", has_text="version").wait_for()
    expect(page.locator("#door")).to_be_hidden()
    expect(page.locator("#text")).to_be_focused()
    page.locator("#text").fill("good")
    page.locator(".verdict").wait_for()
    kept = page.evaluate("[location.href, document.cookie, localStorage.length, sessionStorage.length]")
    assert kept == [locked_url + "/", "", 0, 0]
    assert keys["predict"] not in page.content()
    expect(page.locator("#key")).to_have_value("")
    expect(page.locator("#curl")).to_contain_text("Bearer $SEATRIAL_API_KEY")
    page.get_by_role("button", name="Forget it").click()
    page.locator("#door").wait_for()
    page.locator("#text").fill("bad")
    page.locator(".error", has_text="This service asks for a key.").wait_for()


def test_wrong_keys_are_told_apart_from_weak_ones(
    locked_url: str, keys: dict[str, str], open_page: Callable[[str], Page]
) -> None:
    page = open_page(locked_url)
    page.locator("#door").wait_for()
    give(page, "schlüssel")
    page.locator("#door-says", has_text="letters, digits and signs").wait_for()
    give(page, "st_00000000_" + "x" * 43)
    page.locator("#door-says", has_text="This key is not valid.").wait_for()
    give(page, keys["metrics"])
    page.locator("#door-says", has_text="This key may not do that.").wait_for()
    give(page, keys["predict"])
    page.locator("#about", has_text="version").wait_for()


def test_a_key_with_a_rate_waits_for_it(
    locked_url: str, keys: dict[str, str], open_page: Callable[[str], Page]
) -> None:
    page = open_page(locked_url)
    give(page, keys["slow"])
    page.locator("#about", has_text="version").wait_for()
    for text in ("good", "bad", "good bad", "good good"):
        page.locator("#text").fill(text)
        with page.expect_response("**/v1/predict"):  # the next text would otherwise take this one back
            page.locator("#go").click()
    expect(page.locator(".error.waiting")).to_contain_text("This key has used up its rate.")
    expect(page.locator(".error.waiting")).to_contain_text("Trying again in")


def test_the_card_asks_for_the_key_where_there_is_none(
    locked_url: str, keys: dict[str, str], open_page: Callable[[str], Page]
) -> None:
    page = open_page(locked_url)
    page.locator("#door-says", has_text="This service asks for a key.").wait_for()
    page.get_by_role("link", name="Model card").click()
    page.locator(".error", has_text="This service asks for a key.").wait_for()
    expect(page.locator("#key")).to_be_focused()  # the refusal of the list of models looks the same
    assert page.evaluate("location.pathname") == "/"
    give(page, keys["predict"])
    page.locator("#about", has_text="version").wait_for()
    page.get_by_role("button", name="Forget it").click()
    page.get_by_role("link", name="Model card").click()
    page.locator(".error", has_text="This service asks for a key.").wait_for()
    assert page.evaluate("location.pathname") == "/"


def test_the_card_is_shown_with_the_key(
    locked_url: str, keys: dict[str, str], open_page: Callable[[str], Page]
) -> None:
    page = open_page(locked_url)
    give(page, keys["predict"])
    page.locator("#about", has_text="version").wait_for()
    page.get_by_role("link", name="Model card").click()
    expect(page.frame_locator("#card-frame").locator("h1")).to_have_text("Toy card")
    page.keyboard.press("Escape")
    page.locator("#card-dialog").wait_for(state="hidden")
