"""A fake engine, handlers and an HTTP client on it, and a toy release that the real engine can serve."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray

from seatrial.records import Release
from seatrial.serve.answering import Answering
from seatrial.serve.handlers import Handlers, build_handlers
from seatrial.serve.http.app import create_app
from seatrial.serve.served import ServedModel
from seatrial.serve.settings import ServeSettings
from seatrial.serve.watch.metrics import Metrics

LABELS = ("bad", "good")
WORDS = ["[PAD]", "[UNK]", "bad", "good", "day"]


class FakeEngine(Answering):
    """Answers with the text's length, so that a test sees which text an answer belongs to."""

    output_name = "scores"

    def __init__(self, folder: Path) -> None:
        self.release = Release(
            path=folder,
            name="toy",
            version="0123456789ab",
            task="text-classification",
            labels=LABELS,
            model_file=folder / "model.onnx",
            tokenizer_file=folder / "tokenizer.json",
            temperature=1.0,
            max_length=16,
        )
        self.batches: list[int] = []
        self.tokenized_in: list[str] = []
        self.go = threading.Event()  # cleared by a test that wants to see a queue
        self.go.set()
        self.failure: Exception | None = None

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        self.tokenized_in.append(threading.current_thread().name)
        return [[1] * len(text) for text in texts]

    def outputs(self, token_ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        assert self.go.wait(10)
        self.batches.append(len(token_ids))
        if self.failure:
            raise self.failure
        return np.array([[0.0, len(ids)] for ids in token_ids], dtype=np.float32)

    def describe(self, output: NDArray[np.float32], text: str) -> dict[str, Any]:
        return {"label": "good", "score": 1.0, "scores": {"bad": 0.0, "good": 1.0}, "n": int(output[1])}


class Client:
    """Sends requests to an app in process, each in an event loop of its own."""

    def __init__(self, engine: FakeEngine, settings: ServeSettings) -> None:
        self.engine = engine
        metrics = Metrics()
        self.handlers: Handlers = build_handlers(
            [ServedModel(engine, settings, metrics.batch)], settings, metrics=metrics
        )
        self.app = create_app(settings, self.handlers)

    def request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return await client.request(method, path, **arguments)

        return asyncio.run(send())

    def get(self, path: str) -> httpx.Response:
        return self.request("GET", path)

    def predict(self, body: object) -> httpx.Response:
        """POST to /v1/predict: bytes as they are, anything else as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.request("POST", "/v1/predict", content=content, headers={"Content-Type": "application/json"})


@pytest.fixture
def engine(tmp_path: Path) -> FakeEngine:
    (tmp_path / "README.md").write_text("---\nlicense: mit\n---\n# Toy\n\nIt is <b>small</b>.\n", encoding="utf-8")
    return FakeEngine(tmp_path)


@pytest.fixture
def make_client(engine: FakeEngine) -> Callable[[ServeSettings], Client]:
    return lambda settings: Client(engine, settings)


@pytest.fixture
def client(make_client: Callable[[ServeSettings], Client]) -> Client:
    return make_client(ServeSettings())


@pytest.fixture(scope="session")
def toy_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release whose logits are how often a text says `bad` and `good`."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper
    from tokenizers import Tokenizer, models, pre_tokenizers

    from seatrial.artifact.manifest import write_manifest
    from seatrial.export.release import ServedModel

    folder = tmp_path_factory.mktemp("release")
    (folder / "onnx").mkdir()
    votes = np.zeros((len(WORDS), len(LABELS)), dtype=np.float32)
    votes[WORDS.index("bad"), 0] = votes[WORDS.index("good"), 1] = 4.0
    nodes = [
        helper.make_node("Gather", ["votes", "input_ids"], ["rows"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["column"]),
        helper.make_node("Mul", ["rows", "column"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "middle"], ["logits"], keepdims=0),
    ]
    inputs = [helper.make_tensor_value_info(n, TensorProto.INT64, ["b", "s"]) for n in ("input_ids", "attention_mask")]
    output = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["b", len(LABELS)])
    constants = {"votes": votes, "last": np.array([2]), "middle": np.array([1])}
    graph = helper.make_graph(
        nodes, "toy", inputs, [output], [numpy_helper.from_array(array, name) for name, array in constants.items()]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    onnx.save(model, folder / "onnx" / "model.onnx")
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    served = ServedModel(
        name="toy",
        task="text-classification",
        labels=LABELS,
        temperature=2.0,
        max_length=16,
        served="onnx/model.onnx",
    )
    (folder / "config.json").write_text(json.dumps({"seatrial": served.model_dump(mode="json")}), encoding="utf-8")
    (folder / "README.md").write_text("# Toy\n", encoding="utf-8")
    write_manifest(folder, kind="release")
    return folder
