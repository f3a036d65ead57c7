"""The Open Inference Protocol, version 2, over REST, with the binary tensor data extension that Triton's client uses.

In binary form a body is JSON and then the tensors' bytes; `Inference-Header-Content-Length` says where the JSON ends.
A refusal is a string, and 400 where Seatrial's own protocol says 422, as other servers of this protocol do it. Refuses
to know: models and batches; `serve.oip.protocol` has what REST and gRPC share.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from seatrial.errors import BusyError, RequestError
from seatrial.serve.access import Access
from seatrial.serve.call import Call
from seatrial.serve.handlers import Handlers
from seatrial.serve.http.answers import json_response
from seatrial.serve.http.door import unless_client_leaves
from seatrial.serve.http.errors import BODIES, STATUSES
from seatrial.serve.http.limits import check_headers, parse_json, read_body
from seatrial.serve.http.protocols import oip_schema as schema
from seatrial.serve.http.protocols.oip_body import HINT, LENGTH_HEADER, request_of, response_of, wants_binary
from seatrial.serve.http.routes import Route
from seatrial.serve.oip.protocol import EXTENSIONS, SERVER, SERVER_VERSION, ModelMetadata, infer, metadata
from seatrial.serve.oip.tensors import TensorSpec
from seatrial.serve.settings import ServeSettings

__all__ = ["PROTOCOL", "oip_routes"]

PROTOCOL = "oip"
BODIES[PROTOCOL] = lambda refusal: {"error": refusal.told}
STATUSES[PROTOCOL] = {422: 400}

OTHER_TYPES = ("", "application/octet-stream")  # Triton's client declares nothing


def oip_routes(handlers: Handlers, settings: ServeSettings) -> list[Route]:
    """Health, metadata and answers."""
    return [*_server_routes(handlers), *_model_routes(handlers, settings)]


def _server_routes(handlers: Handlers) -> list[Route]:
    """What is asked of the service as a whole."""

    async def live(_: Request, __: Call) -> Response:
        return json_response({"live": True})

    async def ready(_: Request, __: Call) -> Response:
        _require_ready(handlers)
        return json_response({"ready": True})

    async def server(_: Request, __: Call) -> Response:
        return json_response({"name": SERVER, "version": SERVER_VERSION, "extensions": list(EXTENSIONS)})

    return [
        Route("GET", "/v2/health/live", live, Access.PUBLIC, PROTOCOL, **schema.LIVE),
        Route("GET", "/v2/health/ready", ready, Access.PUBLIC, PROTOCOL, **schema.READY),
        Route("GET", "/v2", server, Access.PREDICT, PROTOCOL, **schema.SERVER),
    ]


def _model_routes(handlers: Handlers, settings: ServeSettings) -> list[Route]:
    """What is asked of a model, or of one of its versions."""

    async def model(request: Request, _: Call) -> Response:
        return json_response(_told(metadata(handlers.catalog, *_named(request))))

    async def ready(request: Request, _: Call) -> Response:
        known = metadata(handlers.catalog, *_named(request))
        _require_ready(handlers)
        return json_response({"name": known.name, "ready": True})

    async def answer(request: Request, call: Call) -> Response:
        body, binary = await _read(request, settings)
        wanted = request_of(body, binary, *_named(request))
        answered = await unless_client_leaves(request, infer(wanted, call, handlers, settings.max_texts))
        return response_of(answered, wanted.id, wants_binary(body))

    routes = []
    for path, named in schema.MODEL_PATHS:
        sent: dict[str, Any] = {"body": schema.infer_request(settings), "parameters": (*named, schema.LENGTH_PARAMETER)}
        routes += [
            Route("GET", path, model, Access.PREDICT, PROTOCOL, parameters=named, **schema.MODEL),
            Route("GET", f"{path}/ready", ready, Access.PREDICT, PROTOCOL, parameters=named, **schema.MODEL_READY),
            Route("POST", f"{path}/infer", answer, Access.PREDICT, PROTOCOL, **sent, **schema.INFER),
        ]
    return routes


def _named(request: Request) -> tuple[str, str | None]:
    return request.path_params["model"], request.path_params.get("version")


def _require_ready(handlers: Handlers) -> None:
    if not handlers.health.ready:
        raise BusyError("the service is stopping")


def _told(known: ModelMetadata) -> dict[str, object]:
    return {
        "name": known.name,
        "versions": list(known.versions),
        "platform": known.platform,
        "inputs": [_spec(spec) for spec in known.inputs],
        "outputs": [_spec(spec) for spec in known.outputs],
    }


def _spec(spec: TensorSpec) -> dict[str, object]:
    return {"name": spec.name, "datatype": spec.datatype, "shape": list(spec.shape)}


async def _read(request: Request, settings: ServeSettings) -> tuple[dict[str, Any], bytes]:
    """The JSON object in a body, and the bytes after it."""
    check_headers(request, OTHER_TYPES)
    content = await read_body(request, settings)
    declared = request.headers.get(LENGTH_HEADER)
    length = len(content) if declared is None else _header_length(declared, len(content))
    body = parse_json(content[:length], settings.max_json_depth)
    if not isinstance(body, dict):
        raise RequestError("the body is not a JSON object", hint=HINT)
    return body, content[length:]


def _header_length(declared: str, available: int) -> int:
    if not (declared.isascii() and declared.isdecimal()) or len(declared) > 9 or not 0 < int(declared) <= available:
        raise RequestError(
            "Inference-Header-Content-Length is not the length of the JSON in the body",
            status=400,
            hint="send how many bytes of the body are JSON; the bytes of tensors follow them",
        )
    return int(declared)
