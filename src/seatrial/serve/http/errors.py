"""The one table from exceptions to HTTP statuses, and the body that every error has.

Refuses to know: routes. A message never holds a path, a traceback or the name of anything inside; what went wrong
inside goes to the log.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from seatrial.errors import BusyError, RequestError

__all__ = ["ERRORS", "error_response", "install_errors"]

LOG = logging.getLogger("seatrial.serve")
CLIENT_GONE = 499  # nginx's number for it; nobody reads the response, the metrics do

Rule = Callable[[Any], Response]


def error_response(
    status: int, message: str, *, hint: str | None = None, headers: dict[str, str] | None = None
) -> Response:
    """A JSON error: ``{"error": {"message", "hint"?}}``."""
    error = {"message": message} if hint is None else {"message": message, "hint": hint}
    return Response(json.dumps({"error": error}), status, headers, "application/json")


def _http(error: HTTPException) -> Response:
    """Refusals of the router: no such route, wrong method."""
    known = {404: ("there is nothing here", "GET /docs lists the routes"), 405: ("this route has another method", None)}
    message, hint = known.get(error.status_code, (error.detail, None))
    headers = dict(error.headers or {})
    if error.status_code == 405 and "Allow" in headers:
        hint = f"use {headers['Allow']}"
    return error_response(error.status_code, message, hint=hint, headers=headers)


def _failed(error: Exception) -> Response:
    LOG.error("a request failed", exc_info=error)
    return error_response(500, "the service failed to answer", hint="try again; its log has the details")


def _gone(_: Exception) -> Response:
    return error_response(CLIENT_GONE, "the client has gone")


ERRORS: dict[type[Exception], Rule] = {
    RequestError: lambda error: error_response(error.status, error.message, hint=error.hint),
    BusyError: lambda error: error_response(
        503, error.message, hint=error.hint, headers={"Retry-After": str(error.retry_after_s)}
    ),
    HTTPException: _http,
    ClientDisconnect: _gone,
    Exception: _failed,
}
"""The nearest class of an exception decides; the last row is everything that no client caused."""


def install_errors(app: FastAPI) -> None:
    """Make the table answer for everything that a route raises."""

    def handler(rule: Rule) -> Callable[[Request, Exception], Awaitable[Response]]:
        async def respond(_: Request, error: Exception) -> Response:
            return rule(error)

        return respond

    for kind, rule in ERRORS.items():
        app.add_exception_handler(kind, handler(rule))
