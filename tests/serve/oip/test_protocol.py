"""The Open Inference Protocol without a transport: what a model gives as tensors, and what a request may ask."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from seatrial.errors import DeadlineError, RequestError
from seatrial.serve.access import ANONYMOUS
from seatrial.serve.call import Call
from seatrial.serve.handlers import Handlers, build_handlers
from seatrial.serve.oip.protocol import Answer, InferRequest, infer, metadata, outputs_of
from seatrial.serve.oip.tensors import InputTensor
from seatrial.serve.refusals import refusal_of
from seatrial.serve.served import ServedModel
from seatrial.serve.settings import ServeSettings
from seatrial.tasks import TASKS

from ..conftest import LABELS, FakeEngine
from ..http.conftest import LetterEngine

INPUT = InputTensor("text", "BYTES", (1,), ["abc"])
REQUEST = InferRequest("toy", None, None, [INPUT])


@pytest.fixture
def handlers(tmp_path: Path) -> Handlers:
    settings = ServeSettings()
    return build_handlers([ServedModel(e, settings) for e in (FakeEngine(tmp_path), LetterEngine(tmp_path))], settings)


def ask(request: InferRequest, handlers: Handlers, seconds: float = 5) -> Answer:
    async def go() -> Answer:
        call = Call(ANONYMOUS, time.monotonic() + seconds, "id", "oip")
        try:
            return await infer(request, call, handlers, 32)
        finally:
            await handlers.close(1)

    return asyncio.run(go())


def test_labels_give_three_tensors(handlers: Handlers) -> None:
    answer = ask(replace(REQUEST, inputs=[InputTensor("text", "BYTES", (2, 1), ["abc", "a"])]), handlers)
    label, score, scores = answer.outputs
    assert (label.name, label.datatype, label.shape, label.data()) == ("label", "BYTES", (2,), ["good", "good"])
    assert (score.name, score.datatype, score.shape, score.data()) == ("score", "FP32", (2,), [3.0, 1.0])
    assert (scores.name, scores.datatype, scores.shape) == ("scores", "FP32", (2, 2))
    assert scores.data() == [0.0, 3.0, 0.0, 1.0]
    assert json.loads(scores.parameters["labels"]) == list(LABELS)


def test_label_and_score_are_the_tasks_own(handlers: Handlers) -> None:
    """Chosen here for whole batches, and by the task for one row: they must not come apart, ties included."""
    prediction = ask(REQUEST, handlers).prediction
    rows = np.random.default_rng(0).dirichlet([1, 1], 50).astype(np.float32)
    rows[0] = 0.5
    label, score, _ = outputs_of(replace(prediction, outputs=list(rows)), ("label", "score", "scores"))
    task = TASKS.get("text-classification")()
    for index, row in enumerate(rows):
        told = task.answer(row, LABELS, "")
        assert label.data()[index] == told["label"]
        assert score.data()[index] == pytest.approx(told["score"], abs=1e-6)


def test_embeddings_give_one_tensor(handlers: Handlers) -> None:
    (embedding,) = ask(replace(REQUEST, model="letters"), handlers).outputs
    assert (embedding.name, embedding.datatype, embedding.shape) == ("embedding", "FP32", (1, 26))
    assert np.linalg.norm(embedding.values) == pytest.approx(1)


def test_outputs_come_as_they_are_named(handlers: Handlers) -> None:
    assert [tensor.name for tensor in ask(replace(REQUEST, outputs=["scores", "label"]), handlers).outputs] == [
        "scores",
        "label",
    ]


def test_metadata_tells_what_is_answered(handlers: Handlers) -> None:
    for name in ("toy", "letters"):
        known = metadata(handlers.catalog, name, None)
        assert known.versions == [handlers.catalog.find(name).release.version]
        assert [(spec.name, spec.datatype, spec.shape) for spec in known.inputs] == [("text", "BYTES", (-1,))]
    known = metadata(handlers.catalog, "toy", "0123456789ab")
    answered = ask(REQUEST, handlers).outputs
    assert [(spec.name, spec.datatype) for spec in known.outputs] == [(t.name, t.datatype) for t in answered]
    for spec, tensor in zip(known.outputs, answered, strict=True):
        assert spec.shape[1:] == tensor.shape[1:]
        assert spec.shape[0] == -1


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"model": "other"}, 404),
        ({"model": ""}, 404),
        ({"model": "../toy"}, 404),
        ({"version": "other"}, 404),
        ({"outputs": ["embedding"]}, 422),
        ({"outputs": ["label", "label"]}, 422),
        ({"outputs": [""]}, 422),
        ({"id": "x" * 257}, 422),
        ({"id": "a\nb"}, 422),
        ({"id": "\ud800"}, 422),
        ({"parameters": {"timeout": -1}}, 422),
        ({"parameters": {"timeout": 1.5}}, 422),
        ({"parameters": {"timeout": True}}, 422),
        ({"parameters": {"timeout": "1"}}, 422),
        ({"parameters": {"shared_memory_region": "x"}}, 422),
        ({"inputs": [InputTensor("text", "BYTES", (1,), [" "])]}, 422),
        ({"inputs": [InputTensor("text", "BYTES", (1,), ["\ud800"])]}, 422),
        ({"inputs": [InputTensor("text", "BYTES", (1,), ["x" * 20_001])]}, 422),
    ],
)
def test_what_cannot_be_answered_is_refused(handlers: Handlers, changes: dict[str, object], status: int) -> None:
    with pytest.raises(RequestError) as raised:
        ask(replace(REQUEST, **changes), handlers)  # type: ignore[arg-type]
    assert raised.value.status == status
    assert raised.value.hint


def test_a_timeout_in_microseconds_shortens_the_deadline_and_never_lengthens_it(
    handlers: Handlers, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    async def predict(call: Call, *_: object, **__: object) -> None:
        seen.append(call.deadline - time.monotonic())
        raise DeadlineError("seen")

    monkeypatch.setattr(handlers.predict, "predict", predict)
    for timeout in (0, 500_000, 60_000_000, 10**30):
        with pytest.raises(DeadlineError):
            ask(replace(REQUEST, parameters={"timeout": timeout}), handlers)
    assert seen == pytest.approx([5, 0.5, 5, 5], abs=0.2)


def test_a_timeout_that_is_too_short_is_not_called_busy(handlers: Handlers) -> None:
    with pytest.raises(DeadlineError, match="too late") as refused:
        ask(replace(REQUEST, parameters={"timeout": 1}), handlers)
    assert refusal_of(refused.value).grpc_status == "DEADLINE_EXCEEDED"
    assert "more time" in str(refused.value.hint)


def test_a_swap_between_the_questions_is_answered_by_the_new_version(handlers: Handlers) -> None:
    async def go() -> Answer:
        (old,) = [model for model in handlers.catalog if model.release.name == "toy"]
        engine = FakeEngine(old.release.path)
        engine.release = replace(engine.release, version="newer")
        call = Call(ANONYMOUS, time.monotonic() + 5, "id", "oip")
        asking = asyncio.ensure_future(infer(REQUEST, call, handlers, 32))
        handlers.catalog.replace(old, ServedModel(engine, ServeSettings()))
        answer = await asking
        await handlers.close(1)
        await old.close(1)
        return answer

    assert asyncio.run(go()).release.version == "newer"
