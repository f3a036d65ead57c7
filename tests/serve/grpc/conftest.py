"""Two fake models behind a real gRPC server, in an event loop of its own thread, and calls without a client library."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any

import grpc
import pytest

from seatrial.serve.access import Gatekeeper
from seatrial.serve.grpc import schema
from seatrial.serve.grpc.server import GrpcServer
from seatrial.serve.handlers import build_handlers
from seatrial.serve.served import ServedModel
from seatrial.serve.settings import ServeSettings

from ..conftest import FakeEngine
from ..http.conftest import LetterEngine

Start = Callable[..., "Running"]


class Running:
    """A service over gRPC that answers until it is closed."""

    def __init__(self, folder: Path, settings: ServeSettings, gatekeeper: Gatekeeper | None) -> None:
        self.engines = (FakeEngine(folder), LetterEngine(folder))
        self.handlers = build_handlers(
            [ServedModel(engine, settings) for engine in self.engines], settings, gatekeeper=gatekeeper
        )
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.server = GrpcServer(self.handlers, settings)
        self.port = self.run(self.server.start("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.port}"
        self.channel = grpc.insecure_channel(self.address)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(90)

    def method(self, path: str) -> Any:
        """A method that takes bytes and gives bytes."""
        return self.channel.unary_unary(f"/{path}")

    def call(self, name: str, request: Any = None, **arguments: Any) -> Any:
        """Call a method of the inference service with a message."""
        taken, given, _ = schema.RPCS[name]
        sent = (schema.message(taken)() if request is None else request).SerializeToString()
        answered = self.method(f"{schema.SERVICE}/{name}")(sent, timeout=arguments.pop("timeout", 60), **arguments)
        return schema.message(given).FromString(answered)

    def metrics(self) -> str:
        return self.handlers.metrics.text().decode()

    def wait_until(self, true: Callable[[], bool], seconds: float = 60) -> None:
        give_up = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < give_up
            time.sleep(0.005)

    def close(self) -> None:
        self.channel.close()
        for engine in self.engines:
            engine.go.set()
        self.run(self.server.stop(1))
        self.run(self.handlers.close(1))
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(60)
        self.loop.close()
        assert not self.thread.is_alive()


@pytest.fixture(scope="module")
def module_start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    running: list[Running] = []

    def start(settings: ServeSettings | None = None, gatekeeper: Gatekeeper | None = None) -> Running:
        running.append(Running(tmp_path_factory.mktemp("served"), settings or ServeSettings(), gatekeeper))
        return running[-1]

    yield start
    for service in running:
        service.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Settings and gatekeeper → a service, for as long as the test runs."""
    running: list[Running] = []

    def begin(settings: ServeSettings | None = None, gatekeeper: Gatekeeper | None = None) -> Running:
        running.append(Running(tmp_path, settings or ServeSettings(), gatekeeper))
        return running[-1]

    yield begin
    for service in running:
        service.close()


@pytest.fixture(scope="module")
def service(module_start: Start) -> Running:
    """One service for all tests of a module that only ask it."""
    return module_start()


@pytest.fixture
def infer_request() -> Callable[..., Any]:
    def make(texts: Sequence[bytes | str] = ("abc",), **changes: Any) -> Any:
        made = schema.message("ModelInferRequest")(model_name=changes.pop("model_name", "toy"), **changes)
        tensor = made.inputs.add(name="text", datatype="BYTES", shape=[len(texts)])
        tensor.contents.bytes_contents.extend(text.encode() if isinstance(text, str) else text for text in texts)
        return made

    return make
