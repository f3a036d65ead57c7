"""`POST /v1/predict`: the hot path, with as little between the socket and the handler as can be.

Refuses to know: models and batches.
"""

from __future__ import annotations

import asyncio
import json

from fastapi import APIRouter
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from seatrial.errors import RequestError
from seatrial.serve.handlers import PredictHandler, PredictionResult
from seatrial.serve.http.limits import check_headers, parse_json, read_body
from seatrial.serve.http.schema import ErrorBody, PredictRequest, PredictResponse
from seatrial.serve.settings import ServeSettings

__all__ = ["predict_router"]

REFUSALS = {
    400: "Not UTF-8 or not JSON",
    413: "Body too large",
    415: "Not application/json",
    422: "JSON of another shape, or an unusable text",
    503: "Busy; try again after Retry-After seconds",
}


def predict_router(handler: PredictHandler, settings: ServeSettings) -> APIRouter:
    """The route that answers predictions."""
    router = APIRouter()

    async def predict(request: Request) -> Response:
        check_headers(request)
        body = await read_body(request, settings.max_body_bytes)
        inputs = _inputs(parse_json(body, settings.max_json_depth))
        result = await _unless_client_leaves(request, handler, inputs)
        return Response(_encode(result), media_type="application/json")

    # The request is documented but not parsed by FastAPI, whose messages do not say what to send.
    router.add_api_route(
        "/v1/predict",
        predict,
        methods=["POST"],
        summary="Classify one text or several",
        response_class=Response,
        responses={
            200: {"description": "One answer per text", "model": PredictResponse},
            **{status: {"description": text, "model": ErrorBody} for status, text in REFUSALS.items()},
        },
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": PredictRequest.model_json_schema()}},
            }
        },
    )
    return router


def _inputs(body: object) -> object:
    """The value of `inputs`, the only field of a request."""
    if not isinstance(body, dict):
        raise RequestError("the body is not a JSON object", hint='send {"inputs": "a text"}')
    for name in body:
        if name != "inputs":
            raise RequestError(f"unknown field {name[:60]!r}", hint='send {"inputs": "a text"}')
    if "inputs" not in body:
        raise RequestError("the field 'inputs' is missing", hint='send {"inputs": "a text"}')
    return body["inputs"]


async def _unless_client_leaves(request: Request, handler: PredictHandler, inputs: object) -> PredictionResult:
    """The handler's answer; its work is cancelled when the client hangs up first."""
    answer = asyncio.ensure_future(handler.predict(inputs))
    gone = asyncio.ensure_future(request.receive())  # after the whole body, only a disconnect can follow
    gone.add_done_callback(lambda _: answer.cancel())
    try:
        return await answer
    except asyncio.CancelledError:
        if gone.done() and not gone.cancelled():
            raise ClientDisconnect from None
        raise  # the server itself is stopping
    finally:
        gone.cancel()
        answer.cancel()


def _encode(result: PredictionResult) -> bytes:
    body = {
        "model": result.model,
        "version": result.version,
        "predictions": result.predictions,
        "latency_ms": result.latency_ms,
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
