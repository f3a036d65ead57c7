"""Refusals as HTTP answers, in the manners of each protocol.

Refuses to know: which exception means what; `serve.refusals` has the one table.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from seatrial.serve.refusals import Refusal

__all__ = ["BODIES", "ELSEWHERE", "NO_ROUTE", "STATUSES", "refusal_of_router", "refused"]

Body = Callable[[Refusal], dict[str, Any]]


def _own(refusal: Refusal) -> dict[str, Any]:
    error = {"message": refusal.message} if refusal.hint is None else {"message": refusal.message, "hint": refusal.hint}
    return {"error": error}


BODIES: dict[str, Body] = {"rest": _own}
"""Protocol → how it spells a refusal; others take `rest`'s. Protocols add theirs where their routes are."""

STATUSES: dict[str, dict[int, int]] = {}
"""Protocol → its own number for a refusal's status, where its clients know another one."""

ELSEWHERE: dict[str, tuple[str, ...]] = {}
"""Protocol → heads of the paths that it has elsewhere and not here; its clients read a refusal there in its manners."""

NO_ROUTE = "no_route"
"""The reason where there is no such route, or none with this method."""


def refused(refusal: Refusal, protocol: str) -> Response:
    """The HTTP answer for a refusal."""
    headers = {} if refusal.retry_after_s is None else {"Retry-After": str(refusal.retry_after_s)}
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if refusal.status in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE}:  # the rest is not read
        headers["Connection"] = "close"
    body = BODIES.get(protocol, _own)(refusal)
    status = STATUSES.get(protocol, {}).get(refusal.status, refusal.status)
    return Response(json.dumps(body), status, headers, "application/json")


def refusal_of_router(error: HTTPException) -> Refusal:
    """What the router refuses: no such route, wrong method."""
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (error.headers or {}).get("Allow", "")
        return Refusal(405, "UNIMPLEMENTED", NO_ROUTE, "this route has another method", f"use {allowed}")
    if error.status_code == HTTPStatus.NOT_FOUND:
        return Refusal(404, "NOT_FOUND", NO_ROUTE, "there is nothing here", "GET /docs lists the routes")
    return Refusal(error.status_code, "INVALID_ARGUMENT", "malformed", str(error.detail))
