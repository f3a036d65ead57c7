"""The Open Inference Protocol, version 2, without a transport: tensors to texts, predictions to tensors, metadata.

The protocol speaks of named tensors. Every model here takes one, `text`, of BYTES; one that gives a number per label
answers with `label`, `score` and `scores`, one that gives vectors with `embedding`, one that marks parts of texts with
`entities`, a JSON list per text. REST and gRPC are thin layers
above. Source: KServe's "Open Inference Protocol (V2)"; `timeout` is Triton's.
Refuses to know: JSON, protobuf, headers.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from seatrial.errors import RequestError
from seatrial.records import Release
from seatrial.serve.call import Call
from seatrial.serve.catalog import Catalog
from seatrial.serve.handlers import Handlers
from seatrial.serve.oip.tensors import (
    BYTES,
    FP32,
    INPUT,
    InputTensor,
    OutputTensor,
    TensorSpec,
    check_parameters,
    shown,
    texts_of,
)
from seatrial.serve.prediction import Prediction
from seatrial.serve.served import ServedModel

__all__ = [
    "EXTENSIONS",
    "SERVER",
    "SERVER_VERSION",
    "Answer",
    "InferRequest",
    "ModelMetadata",
    "infer",
    "metadata",
    "output_specs",
    "outputs_of",
]

SERVER, SERVER_VERSION = "seatrial", "v2"  # of the protocol; which software answers is nobody's business
EXTENSIONS = ("binary_tensor_data",)
MAX_ID_CHARS = 256


@dataclass(frozen=True, slots=True)
class ModelMetadata:
    """What one may know of a model before asking it."""

    name: str
    versions: Sequence[str]
    inputs: Sequence[TensorSpec]
    outputs: Sequence[TensorSpec]
    platform: str = "seatrial"


@dataclass(frozen=True, slots=True)
class InferRequest:
    """A request for an answer, as a transport understood it.

    Attributes:
        model: name of the model.
        version: of the model; None or "" takes the current one.
        id: the client's own number for the request, given back to it.
        inputs: tensors.
        outputs: names of the tensors that are wanted; empty takes all.
        parameters: of the request; `timeout`, in microseconds, shortens its deadline.
    """

    model: str
    version: str | None
    id: str | None
    inputs: Sequence[InputTensor]
    outputs: Sequence[str] = ()
    parameters: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What answered, and the tensors."""

    release: Release
    prediction: Prediction
    outputs: Sequence[OutputTensor]


async def infer(request: InferRequest, call: Call, handlers: Handlers, max_texts: int) -> Answer:
    """Answer a request.

    Args:
        request: what is asked.
        call: who asks, and until when.
        handlers: know the models and answer texts.
        max_texts: texts in one request, at most.

    Raises:
        RequestError: there is no such model, or the tensors are not what it takes.
        BusyError: too much is waiting already, or the time ran out.
    """
    version = request.version or None
    specs = output_specs(handlers.catalog.find(request.model, version))
    check_parameters(request.parameters)
    _check_id(request.id)
    _check_outputs(request.outputs, [spec.name for spec in specs])
    texts = texts_of(request.inputs, max_texts)
    call = _hurried(call, request.parameters)
    prediction = await handlers.predict.predict(call, texts, model=request.model, version=version, where=INPUT.name)
    wanted = request.outputs or [spec.name for spec in specs]
    return Answer(prediction.release, prediction, outputs_of(prediction, wanted))


def metadata(catalog: Catalog, name: str, version: str | None) -> ModelMetadata:
    """What there is to know of a model.

    Raises:
        RequestError: 404, there is no such model or version.
    """
    served = catalog.find(name, version or None)
    release = served.release
    return ModelMetadata(release.name, catalog.versions(release.name), (INPUT,), output_specs(served))


def output_specs(served: ServedModel) -> tuple[TensorSpec, ...]:
    """What a model gives."""
    release, kind = served.release, served.engine.output_name
    if kind == "embedding":
        return (TensorSpec("embedding", FP32, (-1, release.width)),)
    if kind == "entities":
        return (TensorSpec("entities", BYTES, (-1,)),)
    return (
        TensorSpec("label", BYTES, (-1,)),
        TensorSpec("score", FP32, (-1,)),
        TensorSpec("scores", FP32, (-1, len(release.labels))),
    )


def outputs_of(prediction: Prediction, wanted: Sequence[str]) -> list[OutputTensor]:
    """A prediction as tensors, those in `wanted` in that order."""
    import numpy as np

    release = prediction.release
    if "entities" in wanted:  # as many numbers as a text has pieces make no tensor
        found = [json.dumps(answer["entities"], ensure_ascii=False) for answer in prediction.objects()]
        return [OutputTensor("entities", BYTES, (len(found),), found)]
    rows = np.stack(prediction.outputs)
    items, width = rows.shape
    tensors: dict[str, Callable[[], OutputTensor]] = {
        "label": lambda: OutputTensor(
            "label", BYTES, (items,), [release.labels[index] for index in rows.argmax(axis=1).tolist()]
        ),
        "score": lambda: OutputTensor("score", FP32, (items,), rows.max(axis=1)),
        "scores": lambda: OutputTensor("scores", FP32, (items, width), rows, {"labels": json.dumps(release.labels)}),
        "embedding": lambda: OutputTensor("embedding", FP32, (items, width), rows),
    }
    return [tensors[name]() for name in wanted]


def _check_id(request_id: str | None) -> None:
    if request_id is not None and (len(request_id) > MAX_ID_CHARS or not request_id.isprintable()):
        raise RequestError("the id cannot be used", hint=f"send up to {MAX_ID_CHARS} printable characters, or none")


def _check_outputs(wanted: Sequence[str], given: Sequence[str]) -> None:
    for name in wanted:
        if name not in given:
            raise RequestError(f"this model has no output {shown(name)}", hint=f"ask for {', '.join(given)}, or none")
    if len(set(wanted)) < len(wanted):
        raise RequestError("an output is asked for twice", hint="name each output once")


def _hurried(call: Call, parameters: Mapping[str, object]) -> Call:
    """The call with the deadline that the parameter `timeout` asks for, in microseconds, if that is earlier."""
    timeout_us = parameters.get("timeout")
    if timeout_us is None or timeout_us == 0:  # what Triton takes as "no time limit of its own"
        return call
    if isinstance(timeout_us, bool) or not isinstance(timeout_us, int) or timeout_us < 0:
        raise RequestError("the parameter 'timeout' is no time", hint="send whole microseconds")
    return replace(call, deadline=min(call.deadline, time.monotonic() + min(timeout_us, 10**12) / 1e6))
