"""The code to copy does what the page does: it is run, by a shell and by Python, with texts that need care."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from .patience import expect, let_pass, stop_clock

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from .conftest import WordEngine

ODD = "it's \"good\" $HOME `id` \\n \\ !! %s {x} #\nnext line\ttab é 漢字 😀 \u202eback\u2028 end'''"
PROTOCOLS = ["rest", "openai", "v2"]


def made(functions: Page, inputs: object, origin: str, keyed: bool = False, **request: object) -> Any:
    values = {"inputs": inputs, "name": "toy", "output": "scores", **request}
    return functions.evaluate("([request, origin, keyed]) => snippets(request, origin, keyed)", [values, origin, keyed])


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_curl_sends_exactly_these_texts(functions: Page, url: str, engine: WordEngine, protocol: str) -> None:
    command = made(functions, [ODD, "bad"], url)[protocol]["curl"]
    engine.seen.clear()
    done = subprocess.run(["bash", "-c", command], check=False, capture_output=True, timeout=120)
    assert engine.seen == [ODD, "bad"], done.stdout
    assert json.loads(done.stdout)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_python_sends_exactly_these_texts(functions: Page, url: str, engine: WordEngine, protocol: str) -> None:
    if protocol != "rest":
        pytest.importorskip({"openai": "openai", "v2": "tritonclient.http"}[protocol])
    code = made(functions, [ODD, "bad"], url)[protocol]["python"]
    engine.seen.clear()
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(code, "snippet", "exec"), {"__name__": "__main__"})
    assert engine.seen == [ODD, "bad"]
    assert "good" in said.getvalue()


def test_one_text_is_sent_as_one(functions: Page, url: str) -> None:
    assert '"inputs":"good"' in made(functions, "good", url)["rest"]["curl"]


def test_a_key_comes_from_the_environment_and_only_where_one_is_needed(functions: Page, url: str) -> None:
    for protocol in PROTOCOLS:
        without, keyed = made(functions, "good", url)[protocol], made(functions, "good", url, keyed=True)[protocol]
        assert "KEY" not in without["curl"] + without["python"]
        assert "$SEATRIAL_API_KEY" in keyed["curl"]
        assert 'os.environ["SEATRIAL_API_KEY"]' in keyed["python"]
        assert "import os" in keyed["python"]
        compile(keyed["python"], protocol, "exec")


def test_a_version_that_is_not_current_is_named(functions: Page, url: str) -> None:
    code = made(functions, "good", url, model="toy", version="abc")
    assert '"version":"abc"' in code["rest"]["curl"]
    assert "toy@abc" in code["openai"]["python"]
    assert "/v2/models/toy/versions/abc/infer" in code["v2"]["curl"]
    assert 'model_version="abc"' in code["v2"]["python"]


def test_what_turns_text_round_is_spelled_out(functions: Page, url: str) -> None:
    for code in made(functions, ODD, url).values():
        assert "\u202e" not in code["curl"] + code["python"]
        assert "\\u202e" in code["curl"]


def test_copying_takes_the_code(page: Page, url: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=url)
    page.locator("#text").fill("it's good")
    page.locator(".verdict").wait_for()  # an answer is announced in the same place
    stop_clock(page)  # the button says so for a moment only
    page.get_by_role("button", name="Copy the Python code").click()
    expect(page.locator("#said")).to_have_text("Copied")
    expect(page.locator("[data-copies=python]")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#python").text_content()
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.get_by_role("button", name="Copy the curl command").click()
    expect(page.locator("[data-copies=curl]")).to_have_text("Copied")
    let_pass(page, 1500)
    expect(page.locator("[data-copies]")).to_have_text(["Copy", "Copy"])


def test_the_panel_follows_the_input(page: Page, url: str) -> None:
    page.locator("#text").fill("it's good")
    page.locator("#curl", has_text="it'\\''s good").wait_for()
    page.get_by_label("Lines").check()
    page.locator("#text").fill("one\ntwo")
    page.locator("#curl", has_text='["one","two"]').wait_for()
    expect(page.locator("#curl")).to_contain_text(url)
