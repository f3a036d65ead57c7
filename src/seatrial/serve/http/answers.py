"""What every route that answers with JSON does alike: read the request's JSON, and write the answer's.

Refuses to know: what the JSON means.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from seatrial.errors import RequestError
from seatrial.serve.http.limits import check_headers, parse_json, read_body
from seatrial.serve.prediction import Prediction
from seatrial.serve.settings import ServeSettings

__all__ = ["json_response", "model_headers", "read_json", "read_object"]


async def read_json(request: Request, settings: ServeSettings) -> object:
    """The JSON value in a request's body, within the limits.

    Raises:
        RequestError: it is too large, of another type, or no JSON.
    """
    check_headers(request)
    return parse_json(await read_body(request, settings), settings.max_json_depth)


async def read_object(request: Request, settings: ServeSettings, *, hint: str) -> dict[str, Any]:
    """The same, where only an object will do; `hint` shows one.

    Raises:
        RequestError: it is something else.
    """
    body = await read_json(request, settings)
    if not isinstance(body, dict):
        raise RequestError("the body is not a JSON object", hint=hint)
    return body


def json_response(value: object, headers: dict[str, str] | None = None, status: int = 200) -> Response:
    """A value as JSON in UTF-8, without spaces."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return Response(body, status, headers, "application/json")


def model_headers(prediction: Prediction) -> dict[str, str]:
    """Which model answered, for protocols whose bodies have no place for it, and what the cache did."""
    release = prediction.release
    headers = {"X-Model-Name": release.name, "X-Model-Version": release.version}
    if prediction.cached:
        headers["X-Cache"] = "hit" if prediction.cached == len(prediction.outputs) else "partial"
    return headers
