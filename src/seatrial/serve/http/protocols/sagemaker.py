"""SageMaker's contract for containers: `GET /ping` and `POST /invocations`.

Texts come as JSON, as CSV or as JSON lines, and answers go out in the form that `Accept` asks for. The answer to a
request is a list with one object per text, as Hugging Face's containers give it. Refuses to know: models and batches.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from seatrial.errors import BusyError
from seatrial.serve.access import Access
from seatrial.serve.call import Call
from seatrial.serve.handlers import Handlers
from seatrial.serve.http.answers import model_headers
from seatrial.serve.http.door import unless_client_leaves
from seatrial.serve.http.fields import object_schema, optional, texts_schema
from seatrial.serve.http.protocols.invocations import CSV, JSON, LINES, accepted, read_texts, write_answers
from seatrial.serve.http.protocols.predict import REFUSALS
from seatrial.serve.http.routes import Route
from seatrial.serve.http.schema import ErrorBody
from seatrial.serve.settings import ServeSettings

__all__ = ["sagemaker_routes"]

PROTOCOL = "sagemaker"
PING: dict[int | str, dict[str, Any]] = {
    200: {"description": "Yes; the body is empty", "content": {"text/plain": {}}},
    400: {"description": "An unusable X-Request-Timeout-Ms", "model": ErrorBody},
    503: {"description": "Stopping", "model": ErrorBody},
}
INVOCATIONS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "One object per text: label, score and scores, or embedding, or entities",
        "content": {
            JSON: {"schema": {"type": "array", "items": {"type": "object"}, "minItems": 1}},
            LINES: {},
            CSV: {},
        },
    },
    406: {"description": "Accept names none of these forms", "model": ErrorBody},
    **{status: {"description": text, "model": ErrorBody} for status, text in REFUSALS.items()},
}
TRUNCATION = {"type": "object", "properties": {"truncation": {"const": True}}, "additionalProperties": False}
PARAMETERS = optional(TRUNCATION, "Texts that are too long are cut; nothing else can be set")
OTHER_BODIES = {
    CSV: {"description": "One text per row, in one column; a first row `inputs` is a head"},
    LINES: {"description": 'One text, or one {"inputs": "a text"}, per line'},
}


def sagemaker_routes(handlers: Handlers, settings: ServeSettings) -> list[Route]:
    """Health, and answers from the default model."""

    async def ping(_: Request, __: Call) -> Response:
        if not handlers.health.ready:
            raise BusyError("the service is stopping")
        return Response(b"", headers={"Content-Type": "text/plain; charset=utf-8"})

    async def invocations(request: Request, call: Call) -> Response:
        media_type = accepted(request.headers.getlist("accept"))
        texts = await read_texts(request, settings)
        prediction = await unless_client_leaves(request, handlers.predict.predict(call, texts))
        body = write_answers(prediction.objects(), media_type)
        return Response(body, 200, model_headers(prediction), media_type)

    return [
        Route(
            "GET",
            "/ping",
            ping,
            Access.PUBLIC,
            PROTOCOL,
            summary="SageMaker: should requests be sent here?",
            responses=PING,
        ),
        Route(
            "POST",
            "/invocations",
            invocations,
            Access.PREDICT,
            PROTOCOL,
            summary="SageMaker: answer one text or several",
            responses=INVOCATIONS,
            body=object_schema(
                {"inputs": texts_schema(settings.max_texts, settings.max_text_chars), "parameters": PARAMETERS},
                required="inputs",
            ),
            other_bodies=OTHER_BODIES,
        ),
    ]
