"""The methods of `inference.GRPCInferenceService`: messages to tensors and back.

Refuses to know: who calls; `serve.oip.protocol` has what gRPC and REST share.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from seatrial.errors import RequestError
from seatrial.serve.access import Access
from seatrial.serve.call import Call
from seatrial.serve.grpc.methods import Answer, Method
from seatrial.serve.grpc.schema import RPCS, SERVICE, message
from seatrial.serve.handlers import Handlers
from seatrial.serve.oip.protocol import EXTENSIONS, SERVER, SERVER_VERSION, InferRequest, infer, metadata
from seatrial.serve.oip.protocol import Answer as Inferred
from seatrial.serve.oip.tensors import InputTensor, TensorSpec, check_counts, check_parameters
from seatrial.serve.settings import ServeSettings

__all__ = ["inference_methods"]


def inference_methods(handlers: Handlers, settings: ServeSettings) -> list[Method]:
    """Health, metadata and answers."""

    async def live(_: Any, __: Call) -> Any:
        return message("ServerLiveResponse")(live=True)

    async def ready(_: Any, __: Call) -> Any:
        return message("ServerReadyResponse")(ready=handlers.health.ready)

    async def model_ready(request: Any, _: Call) -> Any:
        try:
            metadata(handlers.catalog, request.name, request.version)
        except RequestError:  # the question has an answer: a model that is not there is not ready
            return message("ModelReadyResponse")(ready=False)
        return message("ModelReadyResponse")(ready=handlers.health.ready)

    async def server(_: Any, __: Call) -> Any:
        return message("ServerMetadataResponse")(name=SERVER, version=SERVER_VERSION, extensions=EXTENSIONS)

    async def model(request: Any, _: Call) -> Any:
        known = metadata(handlers.catalog, request.name, request.version)
        return message("ModelMetadataResponse")(
            name=known.name,
            versions=known.versions,
            platform=known.platform,
            inputs=_specs(known.inputs),
            outputs=_specs(known.outputs),
        )

    async def answer(request: Any, call: Call) -> Any:
        return _response(await infer(_request(request), call, handlers, settings.max_texts), request.id)

    def method(name: str, access: Access, answered: Answer) -> Method:
        return Method(f"{SERVICE}/{name}", access, message(RPCS[name][0]), answered)

    return [
        method("ServerLive", Access.PUBLIC, live),
        method("ServerReady", Access.PUBLIC, ready),
        method("ModelReady", Access.PREDICT, model_ready),
        method("ServerMetadata", Access.PREDICT, server),
        method("ModelMetadata", Access.PREDICT, model),
        method("ModelInfer", Access.PREDICT, answer),
        Method(f"{SERVICE}/ModelStreamInfer", Access.PREDICT, message(RPCS["ModelStreamInfer"][0]), stream=_no_streams),
    ]


async def _no_streams(_: AsyncIterator[Any], __: Call) -> AsyncIterator[Any]:
    """Where a model that gives its answer in pieces will give them; none here does."""
    raise RequestError("the models here give whole answers, not streams", status=405, hint="call ModelInfer")
    yield  # type: ignore[unreachable]  # makes this a generator


def _specs(specs: Sequence[TensorSpec]) -> list[Any]:
    made = message("ModelMetadataResponse.TensorMetadata")
    return [made(name=spec.name, datatype=spec.datatype, shape=spec.shape) for spec in specs]


def _request(request: Any) -> InferRequest:
    """The message, taken apart; what the tensors hold is looked at later."""
    check_counts(len(request.inputs), len(request.outputs))
    raws = request.raw_input_contents
    if raws and len(raws) != len(request.inputs):
        raise RequestError(
            f"there are {len(request.inputs)} input tensors and {len(raws)} raw contents", hint="send one for each"
        )
    for output in request.outputs:
        check_parameters(_parameters(output.parameters))
    return InferRequest(
        request.model_name,
        request.model_version,
        request.id,
        [_input(tensor, raws[index] if raws else None) for index, tensor in enumerate(request.inputs)],
        [output.name for output in request.outputs],
        _parameters(request.parameters),
    )


def _input(tensor: Any, raw: bytes | None) -> InputTensor:
    if raw is not None and tensor.HasField("contents"):
        raise RequestError("a tensor has both contents and raw contents", hint="send one of them")
    elements = tensor.contents.bytes_contents if raw is None else None
    return InputTensor(tensor.name, tensor.datatype, tensor.shape, elements, raw, _parameters(tensor.parameters))


def _parameters(parameters: Mapping[str, Any]) -> dict[str, object]:
    return {
        name: getattr(value, kind) if (kind := value.WhichOneof("parameter_choice")) else None
        for name, value in parameters.items()
    }


def _response(answer: Inferred, request_id: str) -> Any:
    response = message("ModelInferResponse")(
        model_name=answer.release.name, model_version=answer.release.version, id=request_id
    )
    for tensor in answer.outputs:
        output = response.outputs.add(name=tensor.name, datatype=tensor.datatype, shape=tensor.shape)
        for name, value in tensor.parameters.items():
            output.parameters[name].string_param = value
        response.raw_output_contents.append(tensor.raw())
    return response
