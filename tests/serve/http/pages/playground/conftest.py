"""A service with made-up models in a thread, and one headless Chromium for all tests of the playground."""

from __future__ import annotations

import asyncio
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import uvicorn
from numpy.typing import NDArray

from seatrial.records import Release
from seatrial.serve.access import Gatekeeper
from seatrial.serve.answering import Answering
from seatrial.serve.handlers import build_handlers
from seatrial.serve.http.app import create_app
from seatrial.serve.in_service import InService
from seatrial.serve.served import ServedModel
from seatrial.serve.settings import ServeSettings

from .patience import PATIENCE_MS

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Page

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
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
EXAMPLES = ("good good day", "bad " * 30)


class WordEngine(Answering):
    """Classifies by the words of the labels that a text holds: the engine of a service without a network."""

    output_name = "scores"

    def __init__(
        self, folder: Path, name: str = "toy", version: str = "0123456789ab", labels: tuple[str, ...] = ("bad", "good")
    ) -> None:
        self.release = Release(
            path=folder,
            name=name,
            version=version,
            task="text-classification",
            labels=labels,
            model_file=folder / "model.onnx",
            tokenizer_file=folder / "tokenizer.json",
            temperature=1.0,
            max_length=16,
        )
        self.seen: list[str] = []

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        self.seen.extend(texts)
        return [[text.count(label) for label in self.release.labels] for text in texts]

    def outputs(self, token_ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        votes = np.exp(4.0 * np.array(token_ids, dtype=np.float32).clip(0, 5))
        return np.asarray(votes / votes.sum(axis=1, keepdims=True), dtype=np.float32)

    def describe(self, output: NDArray[np.float32], text: str) -> dict[str, Any]:
        scores = {label: float(share) for label, share in zip(self.release.labels, output, strict=True)}
        best = max(scores, key=scores.__getitem__)
        return {"label": best, "score": scores[best], "scores": scores}


class LetterEngine(WordEngine):
    """Embeds a text as how often it has each letter, with the length 1."""

    output_name = "embedding"

    def __init__(self, folder: Path, name: str = "letters") -> None:
        super().__init__(folder, name, "fedcba987654", ())
        self.release = replace(self.release, task="embedding")

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        return [[text.lower().count(chr(ord("a") + i)) for i in range(26)] for text in texts]

    def outputs(self, token_ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        counts = np.array(token_ids, dtype=np.float32) + 0.01
        return np.asarray(counts / np.linalg.norm(counts, axis=1, keepdims=True), dtype=np.float32)

    def describe(self, output: NDArray[np.float32], text: str) -> dict[str, Any]:
        return {"embedding": [float(value) for value in output]}


@contextmanager
def service(
    engines: Sequence[WordEngine | InService],
    settings: ServeSettings | None = None,
    gatekeeper: Gatekeeper | None = None,
) -> Iterator[str]:
    """The real application on a free port, in a thread; gives its URL."""
    settings = settings or ServeSettings(examples=EXAMPLES)
    models = [engine if isinstance(engine, InService) else ServedModel(engine, settings) for engine in engines]
    handlers = build_handlers(models, settings, gatekeeper=gatekeeper)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(create_app(settings, handlers), log_config=None, access_log=False))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(60)
            assert not thread.is_alive()


@pytest.fixture(scope="session")
def card_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cards")
    (folder / "README.md").write_text("---\nlicense: mit\n---\n# Toy card\n\nIt is small.\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def engine(card_folder: Path) -> WordEngine:
    return WordEngine(card_folder)


@pytest.fixture(scope="session")
def url(engine: WordEngine) -> Iterator[str]:
    """A service with one classifier."""
    with service([engine]) as address:
        yield address


@pytest.fixture(scope="session")
def several_url(card_folder: Path) -> Iterator[str]:
    """A service with two versions of a classifier, an embedding model, and a model with a name that is markup."""
    engines = [
        WordEngine(card_folder, "toy", "aaaaaaaaaaaa"),
        WordEngine(card_folder, "toy", "bbbbbbbbbbbb"),
        LetterEngine(card_folder),
        WordEngine(card_folder, "<img src=x onerror=alert(1)>", labels=("<b>bad</b>", "طيب", *"cdefghijk")),
    ]
    with service(engines, ServeSettings(examples=("<script>alert(2)</script>",))) as address:
        yield address


# Of a module, not of the session: while Playwright runs, no other test could run an event loop of its own.
@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    from playwright.sync_api import sync_playwright

    if CHROMIUM is None:
        pytest.skip("needs Chromium (Debian package chromium)")
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(tmp_path_factory.mktemp("profile")), executable_path=CHROMIUM, args=ARGUMENTS, timeout=120_000
        )
        context.set_default_timeout(PATIENCE_MS)
        yield context
        context.close()


@pytest.fixture
def open_page(browser: BrowserContext) -> Iterator[Callable[[str], Page]]:
    """Opens pages; afterwards nothing may have gone wrong in them and nothing may have been asked of anyone else."""
    complaints: list[str] = []
    requested: list[str] = []
    pages: list[Page] = []
    origins: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        # The browser itself logs refusals, which the page shows, and connections that a test cuts.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            complaints.append(message.text)

    def opened(url: str) -> Page:
        page = browser.new_page()
        pages.append(page)
        origins.append("/".join(url.split("/")[:3]))
        page.set_viewport_size({"width": 1200, "height": 900})
        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}") or dialog.dismiss())
        page.on("request", lambda request: requested.append(request.url))
        page.goto(url)
        return page

    yield opened
    for page in pages:
        page.close()
    assert complaints == []
    assert [address for address in requested if not address.startswith((*origins, "data:", "blob:"))] == []


@pytest.fixture
def page(url: str, open_page: Callable[[str], Page]) -> Page:
    """The playground with one classifier, ready for input."""
    page = open_page(url)
    page.locator("#about", has_text="version").wait_for()
    return page


@pytest.fixture(scope="module")
def functions(url: str, browser: BrowserContext) -> Iterator[Page]:
    """A page that all tests of a module share, for calling its functions."""
    page = browser.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(url)
    page.locator("#about", has_text="version").wait_for()
    yield page
    page.close()
    assert complaints == []
