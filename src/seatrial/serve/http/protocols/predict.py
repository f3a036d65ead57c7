"""`POST /v1/predict`: Seatrial's own protocol, for every task.

Refuses to know: models and batches.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from seatrial.errors import RequestError
from seatrial.serve.access import Access
from seatrial.serve.call import Call
from seatrial.serve.handlers import PredictHandler
from seatrial.serve.http.answers import json_response, model_headers, read_object
from seatrial.serve.http.door import unless_client_leaves
from seatrial.serve.http.fields import optional_text
from seatrial.serve.http.routes import Route
from seatrial.serve.http.schema import ErrorBody, PredictRequest, PredictResponse
from seatrial.serve.prediction import Prediction
from seatrial.serve.settings import ServeSettings

__all__ = ["REFUSALS", "predict_routes"]

FIELDS = ("inputs", "model", "version")
HINT = 'send {"inputs": "a text"}'
REFUSALS = {
    400: "Not UTF-8 or not JSON",
    401: "No key, or none that is valid",
    403: "The key lacks the scope",
    404: "No such model or version",
    408: "The body took too long to arrive",
    413: "Body too large",
    415: "Not application/json",
    422: "JSON of another shape, or an unusable text",
    429: "The key's own rate is used up; try again after Retry-After seconds",
    503: "Busy; try again after Retry-After seconds",
}


def predict_routes(handler: PredictHandler, settings: ServeSettings) -> list[Route]:
    """The route that answers predictions."""

    async def predict(request: Request, call: Call) -> Response:
        body = await read_object(request, settings, hint=HINT)
        for name in body:
            if name not in FIELDS:
                raise RequestError(f"unknown field {name[:60]!r}", hint=HINT)
        if "inputs" not in body:
            raise RequestError("the field 'inputs' is missing", hint=HINT)
        work = handler.predict(
            call, body["inputs"], model=optional_text(body, "model"), version=optional_text(body, "version")
        )
        prediction = await unless_client_leaves(request, work)
        return json_response(_body(prediction), model_headers(prediction))

    return [
        Route(
            "POST",
            "/v1/predict",
            predict,
            Access.PREDICT,
            summary="Answer one text or several",
            responses={
                200: {"description": "One answer per text", "model": PredictResponse},
                **{status: {"description": text, "model": ErrorBody} for status, text in REFUSALS.items()},
            },
            body=PredictRequest.model_json_schema(),
        )
    ]


def _body(prediction: Prediction) -> dict[str, object]:
    timings = prediction.timings
    return {
        "model": prediction.release.name,
        "version": prediction.release.version,
        "predictions": prediction.objects(),
        "latency_ms": timings.total_ms,
        "timings": {
            "tokenize_ms": timings.tokenize_ms,
            "queue_ms": timings.queue_ms,
            "compute_ms": timings.compute_ms,
        },
        "cached": prediction.cached,
    }
