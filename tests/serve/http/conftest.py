"""Two fake models, one of labels and one of embeddings, in one service, in process and behind a real socket."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uvicorn
from numpy.typing import NDArray

from seatrial.errors import BusyError
from seatrial.serve.access import Gatekeeper
from seatrial.serve.handlers import build_handlers
from seatrial.serve.http.app import create_app
from seatrial.serve.served import ServedModel
from seatrial.serve.settings import ServeSettings

from ..conftest import Client, FakeEngine

LETTERS = "abcdefghijklmnopqrstuvwxyz"


class LetterEngine(FakeEngine):
    """Embeds a text as its letters, counted: texts of the same letters are near each other."""

    output_name = "embedding"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.release = replace(
            self.release,
            name="letters",
            version="ba9876543210",
            task="embedding",
            labels=(),
            dimensions=len(LETTERS),
        )

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        return [[LETTERS.find(letter) for letter in text[: self.release.max_length]] for text in texts]

    def outputs(self, token_ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        assert self.go.wait(10)
        if self.failure:
            raise self.failure
        counts = np.array([[ids.count(n) for n in range(len(LETTERS))] for ids in token_ids], dtype=np.float32) + 0.01
        return np.asarray(counts / np.linalg.norm(counts, axis=1, keepdims=True), dtype=np.float32)

    def describe(self, output: NDArray[np.float32], text: str) -> dict[str, Any]:
        return {"embedding": output.tolist()}


class Both(Client):
    """A client of a service that has both models; the one of labels is the default."""

    def __init__(
        self,
        folder: Path,
        settings: ServeSettings | None = None,
        gatekeeper: Gatekeeper | None = None,
        engines: Sequence[FakeEngine] | None = None,
    ) -> None:
        settings = settings or ServeSettings(flagged_labels=("good",))
        engines = engines or (FakeEngine(folder), LetterEngine(folder))
        self.engine = engines[0]
        self.engines = engines
        self.handlers = build_handlers(
            [ServedModel(engine, settings) for engine in engines], settings, gatekeeper=gatekeeper
        )
        self.app = create_app(settings, self.handlers)

    def fill(self) -> None:
        """Make every model as busy as it can be."""

        def busy(*_: object) -> None:
            raise BusyError("the service is busy")

        for model in self.handlers.catalog:
            model.batcher.check_room = busy  # type: ignore[method-assign]

    def post(self, path: str, body: object, **arguments: Any) -> Any:
        return self.request("POST", path, json=body, **arguments)


@pytest.fixture
def both(tmp_path: Path) -> Both:
    return Both(tmp_path)


@pytest.fixture(scope="module")
def listening() -> Iterator[Callable[[Any], str]]:
    """App → the URL where it answers, until the module's tests are done."""
    running: list[tuple[uvicorn.Server, threading.Thread, socket.socket]] = []

    def start(app: Any) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        running.append((server, thread, listener))
        give_up = time.monotonic() + 60
        while not server.started:
            assert time.monotonic() < give_up
            assert thread.is_alive()
            time.sleep(0.005)
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for server, thread, listener in running:
        server.should_exit = True
        thread.join(60)
        listener.close()
        assert not thread.is_alive()
