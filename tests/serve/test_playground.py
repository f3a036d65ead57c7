"""The playground in a real browser: text typed, buttons clicked, answers read; nothing loaded from elsewhere."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from seatrial.serve.server import run
from seatrial.serve.settings import ServeSettings

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Page

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (Debian package chromium)")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def url(toy_release: Path) -> Iterator[str]:
    """The real service in a thread of this process."""
    import uvicorn

    servers: list[Any] = []
    original = uvicorn.Server.startup

    async def startup(self: Any, sockets: Any = None) -> None:
        servers.append(self)
        await original(self, sockets)

    urls: list[str] = []
    ready = threading.Event()

    def started(url: str) -> None:
        urls.append(url)
        ready.set()

    settings = ServeSettings(port=0, threads=1, examples=("good good day", "bad " * 30))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uvicorn.Server, "startup", startup)
        thread = threading.Thread(target=run, args=(toy_release, settings), kwargs={"started": started})
        thread.start()
        assert ready.wait(30)
    yield urls[0]
    servers[0].should_exit = True
    thread.join(30)
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(tmp_path_factory.mktemp("profile")), executable_path=CHROMIUM, args=ARGUMENTS
        )
        yield context
        context.close()


@pytest.fixture
def page(url: str, browser: BrowserContext) -> Iterator[Page]:
    """A fresh page; afterwards nothing may have gone wrong in it and nothing may have been asked of anyone else."""
    complaints: list[str] = []
    requested: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and "status of 4" not in message.text:  # the browser logs refusals that we show
            complaints.append(message.text)

    page = browser.new_page()
    page.on("console", heard)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: requested.append(request.url))
    page.goto(url)
    page.locator(".chips button").first.wait_for()
    yield page
    page.close()
    assert complaints == []
    assert [address for address in requested if not address.startswith((url, "data:"))] == []


def test_an_example_is_one_click_away(page: Page) -> None:
    assert page.locator("h1").inner_text() == "toy"
    assert "version" in page.locator("#about").inner_text()
    page.get_by_role("button", name="good good day").click()
    assert page.locator(".verdict strong").inner_text() == "good"
    assert page.locator(".bars dt").all_inner_texts() == ["bad", "good"]
    assert page.locator("#text").input_value() == "good good day"
    assert "ms in the service" in page.locator("#time").inner_text()
    widths = page.locator(".track i").evaluate_all("bars => bars.map(bar => parseFloat(bar.style.width))")
    assert widths[0] < 10
    assert widths[1] > 90


def test_typing_answers_by_itself_and_the_keyboard_is_enough(page: Page) -> None:
    page.keyboard.type("bad bad day")  # the text box has the focus from the start
    page.locator(".verdict strong", has_text="bad").wait_for()
    page.locator("#text").fill("good")
    page.keyboard.press("Control+Enter")
    page.locator(".verdict strong", has_text="good").wait_for()
    assert page.locator("[role=status]").text_content().startswith("good")


def test_lines_become_a_table_and_markup_stays_text(page: Page) -> None:
    lines = ["good", "<img src=x onerror=alert(1)> bad", "", *["good day"] * 40]
    page.locator("#text").fill("\n".join(lines))
    page.get_by_label("One text per line").check()
    page.locator("tbody tr").nth(41).wait_for()  # more than one request holds; the empty line is left out
    rows = page.locator("tbody tr")
    assert rows.count() == 42
    assert rows.nth(1).locator("td").nth(0).inner_text() == lines[1]
    assert rows.nth(1).locator("td").nth(1).inner_text() == "bad"
    assert page.locator("#result img").count() == 0


def test_a_refusal_is_shown_with_what_to_do(page: Page) -> None:
    page.locator("#text").evaluate("box => { box.value = ' x'.repeat(11000) }")
    with page.expect_response("**/v1/predict") as refused:
        page.get_by_role("button", name="Classify").click()
    assert refused.value.status == 422
    page.locator(".error", has_text="22000 characters").wait_for()
    assert "at most 20000 characters" in page.locator(".error small").inner_text()


def test_small_screens_do_not_scroll_sideways(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.locator(".chips button").nth(1).click()
    page.locator(".verdict").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_card_is_one_link_away(page: Page) -> None:
    page.get_by_role("link", name="Model card").click()
    assert page.locator("h1").inner_text() == "Toy"
