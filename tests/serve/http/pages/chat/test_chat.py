"""The page to talk on: answers as they are written, stopped, remembered, refused; by keyboard and on a phone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from seatrial.errors import ServiceError
from seatrial.serve.access import Gatekeeper
from seatrial.serve.keys import KeyStore, Scope
from seatrial.serve.settings import ServeSettings

from ....writer import Script, writer
from ..playground.conftest import WordEngine, service
from ..playground.patience import expect, make_phone, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

FITS = "document.documentElement.scrollWidth <= window.innerWidth"
MARKUP = "<img src=x onerror=alert(1)> & **bold**\nسلام 日本"


@pytest.fixture
def script() -> Script:
    script = Script()
    script.context = 2_000
    return script


@pytest.fixture
def url(script: Script, tmp_path: Path) -> Iterator[str]:
    with service([writer(tmp_path, script)]) as address:
        yield address


@pytest.fixture
def page(url: str, open_page: Callable[[str], Page]) -> Page:
    page = open_page(f"{url}/chat")
    page.locator("#about", has_text="version").wait_for()
    return page


def sent(page: Page) -> list[dict[str, Any]]:
    """The bodies of the requests for answers from here on."""
    bodies: list[dict[str, Any]] = []

    def heard(request: Any) -> None:
        if request.url.endswith("/v1/chat/completions"):
            bodies.append(json.loads(request.post_data))

    page.on("request", heard)
    return bodies


def test_a_conversation_with_the_keyboard_alone(page: Page, script: Script) -> None:
    bodies = sent(page)
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type("Ready?")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("Now?")
    page.keyboard.press("Enter")
    expect(page.locator(".assistant .words")).to_have_text("Yes, captain.")
    expect(page.locator(".assistant small")).to_contain_text("14 tokens · first after")
    expect(page.locator(".user .words")).to_have_text("Ready?\nNow?")
    expect(page.locator("#said")).to_have_text("Yes, captain.")  # for who listens, once and whole
    expect(page.locator("#text")).to_be_focused()
    expect(page.locator("#text")).to_have_value("")
    page.keyboard.type("And then?")
    page.keyboard.press("Enter")
    expect(page.locator(".assistant")).to_have_count(2)
    wait_until(page, lambda: len(script.asked) == 2)
    first, second = bodies
    assert first["session"] == second["session"]
    assert len(first["session"]) == 32
    assert [message["content"] for message in second["messages"]] == ["And then?"]  # the service remembers the rest
    assert "".join(map(chr, script.asked[1].prompt)) == "u:Ready?\nNow?\na:Yes, captain.\nu:And then?\n"


def test_an_answer_shows_as_it_is_written_and_can_be_stopped(page: Page, script: Script) -> None:
    script.pause_at = 4
    script.go.clear()
    page.locator("#text").fill("Ready?")
    page.keyboard.press("Enter")
    expect(page.locator(".assistant .words")).to_have_text("Yes,")
    expect(page.locator("#stop")).to_be_visible()
    expect(page.locator("#go")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#go")).to_be_visible()
    expect(page.locator(".assistant small")).to_contain_text("stopped")
    expect(page.locator(".assistant .words")).to_have_text("Yes,")  # what came stays
    wait_until(page, lambda: script.cancelled == 1)


def test_what_stops_before_its_first_word_can_be_sent_again(page: Page, script: Script) -> None:
    script.go.clear()
    page.locator("#text").fill("Ready?")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#messages li")).to_have_count(0)
    expect(page.locator("#text")).to_have_value("Ready?")
    expect(page.locator("#text")).to_be_focused()


def test_answers_are_texts_and_no_markup(page: Page, script: Script) -> None:
    script.says = MARKUP
    page.locator("#text").fill(MARKUP)
    page.keyboard.press("Enter")
    expect(page.locator(".assistant small")).to_contain_text("tokens")
    for who in ("user", "assistant"):
        assert page.locator(f".{who} .words").inner_text() == MARKUP
    assert page.locator("#messages img").count() == 0


def test_settings_and_system_prompt_go_along(page: Page, script: Script) -> None:
    bodies = sent(page)
    page.locator("#settings summary").click()
    page.get_by_label("System prompt").fill("Be brief.")
    for name, value in (("Temperature", "0"), ("Top p", "0.5"), ("Longest answer", "3"), ("Seed", "7")):
        page.get_by_label(name).fill(value)
    page.locator("#text").fill("Ready?")
    page.locator("#text").press("Enter")
    expect(page.locator(".assistant .words")).to_have_text("Yes")
    expect(page.locator(".assistant small")).to_contain_text("cut at its longest")
    [body] = bodies
    assert body["messages"][0] == {"role": "system", "content": "Be brief."}
    assert (body["temperature"], body["top_p"], body["max_tokens"], body["seed"]) == (0, 0.5, 3, 7)


def test_a_new_conversation_is_forgotten_by_the_service(page: Page, script: Script, url: str) -> None:
    bodies = sent(page)
    page.locator("#text").fill("Ready?")
    page.keyboard.press("Enter")
    expect(page.locator(".assistant small")).to_contain_text("tokens")
    session = bodies[0]["session"]
    status = f"fetch('/v1/sessions/{session}').then((response) => response.status)"
    assert page.evaluate(status) == 200
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator("#messages li")).to_have_count(0)
    expect(page.locator("#nothing")).to_be_visible()
    wait_until(page, lambda: page.evaluate(status) == 404)
    page.locator("#text").fill("Ready?")
    page.keyboard.press("Enter")
    expect(page.locator(".assistant small")).to_contain_text("tokens")
    assert bodies[1]["session"] != session


def test_an_answer_that_breaks_off_says_so(page: Page, script: Script) -> None:
    script.pause_at, script.failure = 4, ServiceError("broken")
    page.locator("#text").fill("Ready?")
    page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_contain_text("The service failed to answer")
    expect(page.locator(".assistant .words")).to_have_text("Yes,")
    script.pause_at, script.failure = 0, None
    page.locator("#text").fill("Again?")
    page.keyboard.press("Enter")
    expect(page.locator(".assistant .words").last).to_have_text("Yes, captain.")
    expect(page.locator("#notice")).to_be_empty()


def test_a_refusal_gives_the_question_back(page: Page) -> None:
    page.locator("#text").fill("tell me about <|end|>")
    page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_contain_text("controls this model")
    expect(page.locator("#text")).to_have_value("tell me about <|end|>")
    expect(page.locator("#messages li")).to_have_count(0)


def test_the_page_asks_for_a_key_where_the_service_does(
    script: Script, tmp_path: Path, open_page: Callable[[str], Page]
) -> None:
    key = KeyStore(tmp_path / "keys.json", create=True).add("anna", [Scope.PREDICT])[1]
    gatekeeper = Gatekeeper(KeyStore(tmp_path / "keys.json"), None)
    with service([writer(tmp_path, script)], gatekeeper=gatekeeper) as address:
        page = open_page(f"{address}/chat")
        page.locator("#door-says", has_text="asks for a key").wait_for()
        page.get_by_role("textbox", name="API key").fill(key)
        page.get_by_role("button", name="Use this key").click()
        page.locator("#about", has_text="version").wait_for()
        page.locator("#text").fill("Ready?")
        page.keyboard.press("Enter")
        expect(page.locator(".assistant .words")).to_have_text("Yes, captain.")
        page.close()


def test_home_is_where_the_models_are_tried(script: Script, tmp_path: Path, open_page: Callable[[str], Page]) -> None:
    with service([writer(tmp_path, script)]) as address:
        page = open_page(f"{address}/")
        page.locator("#about", has_text="version w1").wait_for()  # nothing but models that write: the page to talk on
        page.close()
    classifier: AbstractContextManager[str] = service([WordEngine(tmp_path), writer(tmp_path, script)], ServeSettings())
    with classifier as address:
        page = open_page(f"{address}/")
        page.locator("#about", has_text="2 labels").wait_for()
        page.get_by_role("link", name="Chat").click()
        page.locator("#about", has_text="version w1").wait_for()
        page.close()
    with service([WordEngine(tmp_path)]) as address:
        page = open_page(f"{address}/chat")
        expect(page.locator("#nothing")).to_contain_text("No model here writes texts.")
        page.goto(address)
        page.locator("#about", has_text="2 labels").wait_for()
        expect(page.locator("#chat")).to_be_hidden()
        page.close()


def test_it_fits_on_a_phone_and_every_control_has_a_name(page: Page, script: Script) -> None:
    script.says = "word" * 100
    page.locator("#text").fill("long" * 80)
    page.keyboard.press("Enter")
    expect(page.locator(".assistant small")).to_contain_text("tokens")
    page.locator("#settings summary").click()
    make_phone(page)
    assert page.evaluate(FITS)
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, select, input, textarea, a')]
          .filter((it) => !(it.labels?.length || it.textContent.trim() || it.getAttribute('aria-label')))
          .map((it) => it.outerHTML)"""
    )
    assert nameless == []
    ids = page.locator("[id]").evaluate_all("elements => elements.map((it) => it.id)")
    assert len(ids) == len(set(ids))


def test_the_policy_allows_the_pages_own_script_only(url: str, page: Page) -> None:
    response = page.request.get(f"{url}/chat")
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "script-src 'sha256-" in policy
