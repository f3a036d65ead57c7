"""What a route is: the one table that the application, its authorisation and its description are made from.

A protocol is a file that gives a list of routes. Refuses to know: what any of them does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from seatrial.serve.access import Access
from seatrial.serve.call import Call

__all__ = ["Endpoint", "Route"]

Endpoint = Callable[[Request, Call], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Route:
    """One path with one method.

    Attributes:
        method: HTTP method. GET answers HEAD too.
        path: with parameters as in Starlette, for example ``/v2/models/{model}``.
        endpoint: gives the response, or raises an error that `refusals` knows.
        access: who may use it. There is no default: every route has a decision.
        protocol: whose manners an error follows, and a label of metrics.
        summary: one line for the list of routes; empty leaves the route out of the description.
        responses: status → description or model, for the OpenAPI description.
        body: JSON schema of the request's body, for the OpenAPI description.
        other_bodies: media type → JSON schema, where a body may come in other forms too.
        parameters: OpenAPI parameters, those in the path included.
        generates: whether its answers are written token by token, so that they have more time and other room.
    """

    method: str
    path: str
    endpoint: Endpoint
    access: Access
    protocol: str = "rest"
    summary: str = ""
    responses: Mapping[int | str, dict[str, Any]] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    other_bodies: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    parameters: tuple[dict[str, Any], ...] = ()
    generates: bool = False
