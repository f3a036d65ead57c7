"""Texts, labels, file names and model names from outside stay text; nothing is asked of anyone else.

Every test of this folder also fails on a dialog, a console error, a violation of the content security policy, and on a
request to another origin; see `open_page`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.resources import files
from typing import TYPE_CHECKING

from seatrial.serve.http.pages.pages import SCRIPTS

from .patience import expect
from .test_batch import choose

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

MARKUP = [
    "<img src=x onerror=alert(1)> bad",
    "<script>alert(2)</script>",
    '"><svg onload=alert(3)>',
    "javascript:alert(4)",
]
FOREIGN = "img, iframe[src], svg[onload], #result script, #preview script, #examples script"


def test_texts_and_file_names_stay_text(page: Page) -> None:
    page.get_by_label("Lines").check()
    page.locator("#text").fill("\n".join(MARKUP))
    expect(page.locator("tbody td[dir=auto]:first-child")).to_have_text(MARKUP)
    choose(page, "<img src=x onerror=alert(5)>.csv", "id,<img src=x onerror=alert(6)>\n1,<b>good</b>\n")
    expect(page.locator("#file-name")).to_have_text("<img src=x onerror=alert(5)>.csv")
    page.locator("#go").click()
    page.locator("#download").wait_for()
    page.locator("#download").click()
    page.locator("#result > p", has_text="Saved as <img src=x").wait_for()
    assert page.locator(FOREIGN).count() == 0


def test_names_of_models_labels_and_examples_stay_text(several_url: str, open_page: Callable[[str], Page]) -> None:
    page = open_page(several_url)
    page.get_by_label("Model", exact=True).select_option(index=2)
    page.get_by_role("button", name="<script>alert(2)</script>").click()
    page.locator(".verdict").wait_for()
    expect(page.locator("h1")).to_have_text("<img src=x onerror=alert(1)>")
    assert "<b>bad</b>" in page.locator("dt").all_inner_texts()
    for tab in ("OpenAI", "Open Inference v2"):
        page.get_by_role("tab", name=tab).click()
    expect(page.locator("#curl")).to_contain_text("/v2/models/%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E/infer")
    assert page.locator(FOREIGN).count() == 0


def test_an_error_stays_text(page: Page) -> None:
    body = '{"error": {"message": "<img src=x onerror=alert(1)>", "hint": "<b>x</b>"}}'
    page.route("**/v1/predict", lambda route: route.fulfill(status=400, body=body))
    page.locator("#text").fill("good")
    page.locator(".error", has_text="<img src=x onerror=alert(1)>").wait_for()
    page.unroute("**/v1/predict")
    page.route("**/v1/predict", lambda route: route.fulfill(status=500, body="<html>proxy</html>"))
    page.locator("#text").fill("bad")
    page.locator(".error", has_text="The service answered with status 500.").wait_for()
    assert page.locator(FOREIGN).count() == 0


def test_the_policy_stops_what_would_get_in(url: str, browser: BrowserContext) -> None:
    """So that the other tests mean something: markup that did get in would be noticed, and could do nothing."""
    page = browser.new_page()
    page.goto(url)
    blocked = page.evaluate(
        """async () => {
          const seen = [];
          document.addEventListener('securitypolicyviolation', (event) => seen.push(event.effectiveDirective));
          const script = document.createElement('script');
          script.textContent = 'window.pwned = 1';
          document.body.append(script);
          await fetch('https://example.invalid/').catch(() => {});
          const until = performance.now() + 30_000;
          while (seen.length < 2 && performance.now() < until) await new Promise((done) => setTimeout(done, 50));
          return [seen.sort(), window.pwned ?? null];
        }"""
    )
    assert blocked == [["connect-src", "script-src-elem"], None]
    page.close()


def test_the_source_builds_no_markup(page: Page) -> None:
    source = page.locator("script").text_content() or ""
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|DOMParser|Storage", source)
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", source)


def test_every_script_is_in_the_page_and_ends_nowhere_inside() -> None:
    folder = files("seatrial.serve.http.pages").joinpath("playground")
    sources = {path.name.removesuffix(".js"): path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert sorted(sources) == sorted(SCRIPTS)
    for name, source in sources.items():
        assert not re.search(r"</script|<!--", source), name
        assert len(source.splitlines()) <= 300, name
