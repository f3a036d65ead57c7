"""One text: an answer while typing, its bars and its time; models, versions and embeddings."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from .patience import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_an_example_is_one_click_away(page: Page) -> None:
    expect(page.locator("h1")).to_have_text("toy")
    expect(page.locator("#about")).to_have_text("Text classification · version 0123456789ab · 2 labels")
    page.get_by_role("button", name="good good day").click()
    expect(page.locator(".verdict strong")).to_have_text("good")
    expect(page.locator(".bars dt")).to_have_text(["bad", "good"])
    expect(page.locator("#text")).to_have_value("good good day")
    widths = page.locator(".track i").evaluate_all("bars => bars.map(bar => parseFloat(bar.style.width))")
    assert widths[0] < 10
    assert widths[1] > 90
    expect(page.locator("[role=status]")).to_have_text("good, 100.0 %")


def test_the_time_is_shown_by_step(page: Page) -> None:
    page.locator("#text").fill("good")
    page.locator(".timing").wait_for()
    legend = page.locator(".legend li").all_inner_texts()
    assert [entry.rsplit(" ", 2)[0] for entry in legend] == [
        "Tokenize",
        "Queue",
        "Compute",
        "Rest of the service",
        "Network and browser",
    ]
    shares = page.locator(".stack i").evaluate_all("parts => parts.map(part => Number(part.style.flexGrow))")
    assert sum(shares) == pytest.approx(1, abs=0.01)
    steps = "(answer, all) => steps(answer, all).map(([, , ms]) => ms)"
    answer = {"latency_ms": 10, "timings": {"tokenize_ms": 1, "queue_ms": 2, "compute_ms": 4}}
    assert page.evaluate(f"([answer, all]) => ({steps})(answer, all)", [answer, 15]) == [1, 2, 4, 3, 5]


def test_only_the_newest_text_is_answered(page: Page) -> None:
    page.locator("#text").press_sequentially("good bad bad bad", delay=5)
    page.locator(".verdict strong", has_text="bad").wait_for()
    page.locator("#text").fill("")
    page.locator(".empty").wait_for()
    expect(page.locator(".timing")).to_have_count(0)


def test_the_panel_has_room_for_an_explanation_that_takes_none_while_there_is_none(page: Page) -> None:
    page.locator("#text").fill("good")
    page.locator(".verdict").wait_for()
    assert page.locator(".tokens").bounding_box() is None
    page.locator(".tokens").evaluate("part => part.append('good')")
    assert page.locator(".tokens").bounding_box()


def test_a_refusal_is_shown_with_what_to_do(page: Page) -> None:
    page.locator("#text").evaluate("box => { box.value = ' x'.repeat(11000) }")
    with page.expect_response("**/v1/predict") as refused:
        page.locator("#go").click()
    assert refused.value.status == 422
    page.locator(".error", has_text="Inputs has 22000 characters.").wait_for()
    expect(page.locator(".error small")).to_have_text("Send at most 20000 characters in a text.")


def test_models_and_versions_can_be_chosen(several_url: str, open_page: Callable[[str], Page]) -> None:
    page = open_page(several_url)
    page.get_by_label("Model", exact=True).wait_for()
    versions = page.get_by_label("Version")
    expect(versions.locator("option")).to_have_text(["bbbbbbbbbbbb (current)", "aaaaaaaaaaaa"])
    page.locator("#text").fill("good")
    page.locator("#answered", has_text="version bbbbbbbbbbbb").wait_for()
    versions.select_option("aaaaaaaaaaaa")
    page.locator("#answered", has_text="version aaaaaaaaaaaa").wait_for()
    expect(page.locator("#curl")).to_contain_text("aaaaaaaaaaaa")
    page.get_by_label("Model", exact=True).select_option(label="letters")
    page.locator(".facts").wait_for()
    expect(versions).to_be_hidden()
    expect(page.locator("h1")).to_have_text("letters")
    expect(page.get_by_role("link", name="Model card")).to_have_attribute("href", "/model-card?model=letters")


def test_a_release_that_is_exchanged_is_followed(page: Page) -> None:
    body = '{"version": "new", "model": "toy", "latency_ms": 1, "timings": {}, "cached": 0, "predictions": [%s]}'
    answer = '{"label": "good", "score": 1, "scores": {"bad": 0, "good": 1}}'
    headers = {"Content-Type": "application/json"}
    page.route("**/v1/predict", lambda route: route.fulfill(headers=headers, body=body % answer))
    page.locator("#text").fill("good")
    page.locator("#about", has_text="version new").wait_for()
    expect(page.locator("#curl")).to_contain_text('"inputs"')
    expect(page.locator("#curl")).not_to_contain_text('"version"')


def test_an_embedding_is_shown_as_what_it_is(several_url: str, open_page: Callable[[str], Page]) -> None:
    page = open_page(several_url)
    page.get_by_label("Model", exact=True).select_option(label="letters")
    page.locator("#text").fill("bab")
    page.locator(".facts").wait_for()
    expect(page.locator(".facts dd")).to_have_text(["26", "1.0000"])
    expect(page.locator(".values")).to_have_text(re.compile(r"^0\.4489 +0\.8933 "))
    expect(page.locator("svg.profile")).to_have_attribute("aria-label", re.compile("26 values"))
    expect(page.locator("#go")).to_have_text(re.compile("^Embed"))


def test_several_embeddings_are_compared(several_url: str, open_page: Callable[[str], Page]) -> None:
    page = open_page(several_url)
    page.get_by_label("Model", exact=True).select_option(label="letters")
    page.get_by_label("Lines").check()
    page.locator("#text").fill("abc\ncab\n\nxyz")
    expect(page.locator(".heat tbody tr")).to_have_count(3)
    cells = page.locator(".heat tbody td").all_inner_texts()
    assert cells[:2] == ["1.00", "1.00"]
    assert float(cells[2]) < 0.1
    expect(page.locator("#result")).to_contain_text("Most alike are 1 and 2")
    page.locator("#text").fill("\n".join(f"text {'abc'[i % 3]}" for i in range(20)))
    expect(page.locator(".heat tbody tr")).to_have_count(12)
    expect(page.locator("#result")).to_contain_text("The first 12 are compared")


def test_many_labels_show_the_likely_ones(several_url: str, open_page: Callable[[str], Page]) -> None:
    page = open_page(several_url)
    page.get_by_label("Model", exact=True).select_option(index=2)
    page.locator("#text").fill("k k")
    page.locator(".verdict").wait_for()
    expect(page.locator("#result > .bars dt")).to_have_count(8)
    expect(page.locator("#result > .bars dt").first).to_have_text("k")
    expect(page.locator("summary")).to_have_text("3 more labels")


def test_the_card_is_one_link_away_and_the_other_cards_beside_it(
    several_url: str, open_page: Callable[[str], Page]
) -> None:
    page = open_page(several_url)
    page.get_by_label("Model", exact=True).select_option(label="letters")
    page.get_by_role("link", name="Model card").click()
    expect(page.locator("h1")).to_have_text("Toy card")
    expect(page.locator("nav a")).to_have_text(["Playground", "toy", "letters", "<img src=x onerror=alert(1)>"])
    expect(page.locator("nav [aria-current]")).to_have_text("letters")
    page.get_by_role("link", name="<img src=x").click()
    expect(page.locator("nav [aria-current]")).to_have_text("<img src=x onerror=alert(1)>")


def test_the_list_of_routes_shows_protocols_access_and_examples(url: str, open_page: Callable[[str], Page]) -> None:
    page = open_page(url + "/docs")
    row = page.locator("tr", has_text="/v1/predict")
    assert row.locator(".badge").inner_text() == "key: predict"
    page.get_by_role("row", name="GET /health/live Is the process alive? everybody", exact=True).wait_for()
    titles = page.locator("h2").all_inner_texts()
    assert titles[0] == "Seatrial"
    assert {"OpenAI", "SageMaker"} <= set(titles)
    page.get_by_role("row", name="POST /v1/embeddings Embeddings key: predict", exact=True).wait_for()
    assert f"curl -s {url}/v1/predict" in page.locator("pre").first.inner_text()
