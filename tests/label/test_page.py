"""The page in a browser, against the command as a user starts it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from seatrial.data.annotate.store import Store

from ..ports import free_port
from ..serve.conftest import toy_release
from ..serve.http.pages.playground.conftest import browser, open_page
from ..serve.http.pages.playground.patience import expect, make_phone

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["browser", "open_page", "toy_release"]

COMMAND = "from seatrial.cli.app import main; main()"
Open = Callable[[str], "Page"]


class Labelling:
    """`seatrial data label` as a process."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.process: subprocess.Popen[str] | None = None

    def start(self, *arguments: str) -> str:
        """Start it, again on the same port; its address."""
        words = [
            "seatrial",
            "data",
            "label",
            *arguments,
            "--store",
            "labels.sqlite",
            "--port",
            str(self.port),
            "--json",
        ]
        command = [sys.executable, "-c", f"import sys; sys.argv = {words!r}; {COMMAND}"]
        self.process = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        url: str = json.loads(self.process.stdout.readline())["url"]
        return url

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop it and wait."""
        if self.process is not None and self.process.stdout is not None:
            self.process.send_signal(how)
            self.process.wait(60)
            self.process.stdout.close()
            self.process = None


@pytest.fixture
def labelling(tmp_path: Path) -> Iterator[Labelling]:
    lines = [f"r{i},{'good' if i % 2 else 'bad'} day {i} <b>x</b>" for i in range(20)]
    (tmp_path / "texts.csv").write_text("\n".join(["id,text", *lines]) + "\n")
    made = Labelling(tmp_path)
    yield made
    made.end()


def press(page: Page, keys: str, already: int = 0) -> None:
    """Press keys of labels, each when the item before is saved."""
    for done, key in enumerate(keys, start=already):
        expect(page.locator("#mine")).to_have_text(str(done))
        expect(page.locator("#labels button").first).to_be_enabled()
        page.keyboard.press(key)
    expect(page.locator("#mine")).to_have_text(str(already + len(keys)))


def test_two_raters_a_killed_process_and_a_decision(labelling: Labelling, open_page: Open) -> None:
    url = labelling.start(
        *["texts.csv", "--item", "id", "--labels", "bad,good", "--raters", "ann,bob", "--adjudicator", "eve"],
        *["--per-item", "2"],
    )
    ann = open_page(f"{url}#rater=ann")
    press(ann, "12" * 5)
    expect(ann.locator("#text")).to_contain_text("<b>x</b>")
    labelling.end(signal.SIGKILL)
    expect(ann.locator("#labels button").first).to_be_enabled()
    ann.keyboard.press("1")  # nobody answers; the page keeps it and tries again
    expect(ann.locator("#notice")).to_contain_text("Not saved yet")
    labelling.start()
    expect(ann.locator("#mine")).to_have_text("11")
    expect(ann.locator("#notice")).to_be_hidden()
    press(ann, "211121112", 11)
    expect(ann.locator("#text")).to_contain_text("Nothing is left")
    ann.keyboard.press("u")
    expect(ann.locator("#mine")).to_have_text("19")
    expect(ann.locator("#item-note")).to_contain_text("Taken back")
    press(ann, "2", 19)

    bob = open_page(f"{url}#rater=bob")
    make_phone(bob)
    press(bob, "12" * 5 + "12111211")
    bob.keyboard.press("s")
    expect(bob.locator("#mine")).to_have_text("18, 1 skipped")
    expect(bob.locator("#pairs")).to_have_text("18")
    expect(bob.locator("#percent")).to_contain_text("%")
    assert bob.evaluate("document.documentElement.scrollWidth") <= 360

    store = Store(labelling.folder / "labels.sqlite")
    assert sum(rater == "ann" for _, rater, _ in store.standing.votes()) == 20
    differing = [item for item in store.ids() if len(set(store.standing.answers(item).values())) == 2]
    store.close()
    eve = open_page(url)
    eve.get_by_role("button", name="eve").click()
    expect(eve.locator("#text")).to_contain_text("day")
    eve.keyboard.press("d")
    expect(eve.locator("#item-note")).to_have_text(f"{len(differing)} to decide, 0 decided")


def test_search_and_what_the_release_is_unsure_of(labelling: Labelling, open_page: Open, toy_release: Path) -> None:
    with (labelling.folder / "texts.csv").open("a") as file:
        file.write("unsure,nothing to go by\n")
    arguments = ["texts.csv", "--item", "id", "--labels", "bad,good", "--release", str(toy_release)]
    page = open_page(labelling.start(*arguments))
    expect(page.locator("#model")).to_contain_text("least sure")
    first = page.locator("#text").inner_text()
    page.keyboard.press("1")
    if "nothing to go by" not in first:  # shown before the model had read anything
        expect(page.locator("#text")).to_have_text("nothing to go by")
    expect(page.locator("#mine")).to_have_text("1")
    page.keyboard.press("/")
    page.keyboard.type("GOOD day 3 ")
    page.locator("#found button", has_text="good day 3 ").click()
    expect(page.locator("#text")).to_have_text("good day 3 <b>x</b>")
    page.keyboard.press("2")
    expect(page.locator("#mine")).to_have_text("2")
