"""Using the page: keyboard only, on a phone, in the dark, in other scripts, and with a screen reader."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from .patience import expect, make_phone
from .test_batch import choose

if TYPE_CHECKING:
    from playwright.sync_api import Page

FITS = "document.documentElement.scrollWidth <= window.innerWidth"


def test_the_keyboard_is_enough(page: Page) -> None:
    expect(page.locator("#text")).to_be_focused()  # from the start
    page.keyboard.type("bad bad day")
    page.locator(".verdict strong", has_text="bad").wait_for()
    page.locator("#text").fill("good")
    page.keyboard.press("Control+Enter")
    page.locator(".verdict strong", has_text="good").wait_for()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_label("One text", exact=True)).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Lines")).to_be_checked()
    page.locator("tbody tr").wait_for()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("File", exact=True)).to_be_checked()
    page.keyboard.press("Tab")
    expect(page.locator("#file")).to_be_focused()


FOCUSED = """() => {
  const it = document.activeElement;
  if (it === document.body) return null;
  const outlined = it.type === 'radio' ? it.nextElementSibling : it; // the radio button itself cannot be seen
  return [it.id || it.value || it.querySelector('code')?.id || it.textContent, getComputedStyle(outlined).outlineStyle];
}"""


def test_tab_reaches_everything_and_shows_where_it_is(page: Page) -> None:
    page.locator("#text").fill("good")
    page.locator(".verdict").wait_for()
    page.locator("#card").focus()
    reached = [page.evaluate(FOCUSED)]
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUSED))
        if reached[-1] is None or reached[-1][0] == "python":
            break
    names = [name for name, _ in reached]
    assert names[:6] == ["card", "API", "one", "text", "go", "good good day"]
    assert names[7:] == ["tab-rest", "Copy", "curl", "Copy", "python"]
    assert {outline for _, outline in reached} == {"solid"}


def test_arrow_keys_move_between_the_tabs(page: Page) -> None:
    page.get_by_role("tab", name="Seatrial").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="OpenAI")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#curl")).to_contain_text("/v1/moderations")
    page.keyboard.press("End")
    expect(page.locator("#tab-v2")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tab-rest")).to_be_focused()
    expect(page.locator("[role=tab][tabindex='0']")).to_have_count(1)


def test_every_control_has_a_name(several_url: str, open_page: Callable[[str], Page]) -> None:
    page = open_page(several_url)
    choose(page, "a.csv", "id,text\n1,good\n")
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, select, input, textarea, [role=region], a')]
          .filter((it) => !(it.labels?.length || it.textContent.trim() || it.getAttribute('aria-label')))
          .map((it) => it.outerHTML)"""
    )
    assert nameless == []
    ids = page.locator("[id]").evaluate_all("elements => elements.map((it) => it.id)")
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("path", "content"), [("/", "#code"), ("/docs", ".routes"), ("/model-card", "h1")])
def test_small_screens_do_not_scroll_sideways(
    several_url: str, open_page: Callable[[str], Page], path: str, content: str
) -> None:
    page = open_page(several_url + path)
    page.locator(content).first.wait_for()
    make_phone(page)
    assert page.evaluate(FITS)


def test_the_list_of_routes_fits_on_a_phone(url: str, open_page: Callable[[str], Page]) -> None:
    page = open_page(url + "/docs")
    make_phone(page)
    assert page.evaluate("[...document.querySelectorAll('.routes')].every((it) => it.scrollWidth <= it.clientWidth)")
    ends = page.evaluate("[...document.querySelectorAll('.routes td')].map((it) => it.getBoundingClientRect().right)")
    assert len(ends) > 40
    assert max(ends) <= 360
    longest = page.evaluate(
        "Math.max(...[...document.querySelectorAll('.routes tbody tr')].map((it) => it.getBoundingClientRect().height))"
    )
    assert longest < 180


def test_no_state_of_the_page_scrolls_sideways_on_a_phone(several_url: str, open_page: Callable[[str], Page]) -> None:
    page = open_page(several_url)
    make_phone(page)
    page.locator("#text").fill("good" * 200)
    page.locator(".verdict").wait_for()
    assert page.evaluate(FITS)
    page.get_by_label("Lines").check()
    page.locator("#text").fill("x" * 300 + "\ngood day\n" + "w" * 80)
    expect(page.locator("tbody tr")).to_have_count(3)
    assert page.evaluate(FITS)
    page.get_by_label("Model", exact=True).select_option(label="letters")
    page.locator("#text").fill("\n".join(["abc " * 30] * 12))
    expect(page.locator(".heat tbody tr")).to_have_count(12)
    assert page.evaluate(FITS)
    choose(page, "n" * 150 + ".csv", "id," + "c" * 90 + "\n1,good\n")
    page.locator("#go").click()
    page.locator("#download").click()
    page.locator("#result > p", has_text="Saved as").wait_for()
    assert page.evaluate(FITS)
    page.get_by_label("Model", exact=True).select_option(index=2)
    page.get_by_label("One text", exact=True).check()
    page.locator(".verdict").wait_for()
    assert page.evaluate(FITS)


# WCAG 2's contrast ratio of each text to what is behind it.
CONTRAST = """(selector) => {
  const brush = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (color) => {
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = color;
    brush.fillRect(0, 0, 1, 1);
    return [...brush.getImageData(0, 0, 1, 1).data];
  };
  const linear = (v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const light = (color) => {
    const [r, g, b] = rgba(color).map(linear);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const seen = (it) => it.getClientRects().length && it.textContent.trim();
  return [...document.querySelectorAll(selector)].filter(seen).map((it) => {
    let back = it;
    while (rgba(getComputedStyle(back).backgroundColor)[3] === 0) back = back.parentElement;
    const colors = [getComputedStyle(it).color, getComputedStyle(back).backgroundColor];
    const [dark, bright] = colors.map(light).sort((a, b) => a - b);
    return [`${it.tagName} ${it.className} ${it.textContent.slice(0, 20)}`, (bright + 0.05) / (dark + 0.05)];
  });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_in_the_light_and_in_the_dark(
    several_url: str, open_page: Callable[[str], Page], scheme: str
) -> None:
    page = open_page(several_url)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    back = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, back[4:-1].split(","))) < 150) is (scheme == "dark")
    page.locator("#text").fill("good")
    page.locator(".verdict").wait_for()
    faint = page.evaluate(CONTRAST, "h1, h2, h3, p, a, dt, dd, button, label, textarea, code, li, span, strong")
    page.get_by_label("Model", exact=True).select_option(label="letters")
    page.get_by_label("Lines").check()
    words = ["abcdefg", "abcdefx", "abcdexy", "abcdxyz", "abcwxyz", "abvwxyz", "tuvwxyz"]
    page.locator("#text").fill("\n".join(words))
    expect(page.locator(".heat tbody tr")).to_have_count(7)
    faint += page.evaluate(CONTRAST, "td, th")
    assert [entry for entry in faint if entry[1] < 4.5] == []


def test_scripts_run_in_their_own_direction(page: Page) -> None:
    page.get_by_label("Lines").check()
    page.locator("#text").fill("هذا رائع good\n这个产品很好 good\nfine, good")
    expect(page.locator("tbody tr")).to_have_count(3)
    directions = page.locator("tbody td:first-child").evaluate_all("c => c.map((it) => getComputedStyle(it).direction)")
    assert directions == ["rtl", "ltr", "ltr"]
    page.get_by_label("One text", exact=True).check()
    page.locator("#text").fill("هذا رائع")
    assert page.locator("#text").evaluate("it => getComputedStyle(it).direction") == "rtl"
    assert page.locator("#text").evaluate("it => it.matches(':dir(rtl)')")
