"""Waiting for a page without trusting time: checks that try again, and a clock that only a test moves on.

What a page does after a click comes when it comes. A check that follows an action is therefore one of `expect`, which
tries again until it holds, and words that the page shows for a second only are looked at while its clock stands still.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator, LocatorAssertions, Page, Route

PATIENCE_MS = 30_000  # a page that has not done it by then never will; a busy machine may need a good part of it

# Timers and the page's own measure of time; intervals only repaint, and may go on.
STOPPED = """() => {
  let nowMs = performance.now();
  let last = 1_000_000; // clear of the numbers of timers that were set before
  let timers = [];
  const [setReal, clearReal] = [window.setTimeout, window.clearTimeout];
  performance.now = () => nowMs;
  window.setTimeout = (call, afterMs = 0) => {
    timers.push({ id: (last += 1), call, atMs: nowMs + afterMs });
    return last;
  };
  window.clearTimeout = (id) => {
    timers = timers.filter((timer) => timer.id !== id);
    clearReal(id);
  };
  window.letPass = async (durationMs) => {
    nowMs += durationMs;
    const due = timers.filter((timer) => timer.atMs <= nowMs).sort((a, b) => a.atMs - b.atMs);
    timers = timers.filter((timer) => timer.atMs > nowMs);
    for (const timer of due) timer.call();
    await new Promise((done) => setReal(done));
  };
}"""


def expect(found: Locator) -> LocatorAssertions:
    """Playwright's `expect`, which checks again until it holds; imported late: without Playwright the tests skip."""
    from playwright.sync_api import expect as check

    check.set_options(timeout=PATIENCE_MS)
    return check(found)


def wait_until(page: Page, holds: Callable[[], object]) -> None:
    """Lets the page go on until `holds` says so: for what shows outside the page, such as the requests that it made."""
    until = time.monotonic() + PATIENCE_MS / 1000
    while not holds():
        assert time.monotonic() < until, "did not happen"
        page.wait_for_timeout(10)


def stop_clock(page: Page) -> None:
    """Lets no time pass in the page from here on, except by `let_pass`."""
    page.evaluate(STOPPED)


def let_pass(page: Page, duration_ms: int) -> None:
    """Moves the page's stopped clock on, and runs what is due by then."""
    page.evaluate("durationMs => letPass(durationMs)", duration_ms)


def hold_requests(page: Page, after: int = 0) -> list[Route]:
    """Lets `after` requests for answers through and none of the later ones; those are in the list, unanswered."""
    passed: list[Route] = []
    held: list[Route] = []

    def decide(route: Route) -> None:
        if len(passed) < after:
            passed.append(route)
            route.continue_()
        else:
            held.append(route)

    page.route("**/v1/predict", decide)
    return held


def make_phone(page: Page) -> None:
    """Gives the page the size of a small phone, and waits until it has it."""
    page.set_viewport_size({"width": 360, "height": 740})
    page.wait_for_function("window.innerWidth === 360")
