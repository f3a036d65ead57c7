"""Routes for what conversations remember: look at it, and forget it. A session shows itself to its own tenant only.

Refuses to know: how a session grows; that is the business of the routes that generate.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from seatrial.serve.access import Access
from seatrial.serve.call import Call
from seatrial.serve.handlers import Handlers
from seatrial.serve.http.answers import json_response
from seatrial.serve.http.routes import Route
from seatrial.serve.http.schema import ErrorBody

__all__ = ["session_routes"]

PARAMETERS: tuple[dict[str, Any], ...] = (
    {
        "name": "session",
        "in": "path",
        "required": True,
        "description": "The name that the client gave it",
        "schema": {"type": "string", "minLength": 1},
    },
    {
        "name": "model",
        "in": "query",
        "required": False,
        "description": "Name of the model; left out, the first that generates",
        "schema": {"type": "string"},
    },
)
REFUSED = {
    400: "An unusable X-Request-Timeout-Ms",
    401: "No key, or none that is valid",
    403: "The key lacks the scope",
    404: "No such session of this key, or no such model",
    422: "The model does not generate",
    429: "The key's own rate is used up; try again after Retry-After seconds",
}


class SaidMessage(BaseModel):
    """One thing that was said."""

    role: str
    content: str


class SessionBody(BaseModel):
    """What a conversation remembers."""

    session: str
    model: str
    system: str = Field(description="The system prompt; empty if there is none")
    summary: str = Field(description="Of what is no longer there word by word; empty if everything is")
    messages: list[SaidMessage]


class Forgotten(BaseModel):
    """What `DELETE` gives."""

    session: str
    forgotten: bool


def session_routes(handlers: Handlers) -> list[Route]:
    """Look at a session, and forget it."""

    async def look(request: Request, call: Call) -> Response:
        served = handlers.generate.find(request.query_params.get("model"), None)
        name = request.path_params["session"]
        found = await handlers.generate.recall(call, served, name)
        messages = [{"role": message.role.value, "content": message.content} for message in found.messages]
        told = {"session": name, "model": served.release.name, "system": found.system, "summary": found.summary}
        return json_response({**told, "messages": messages})

    async def forget(request: Request, call: Call) -> Response:
        served = handlers.generate.find(request.query_params.get("model"), None)
        name = request.path_params["session"]
        await handlers.generate.forget(call, served, name)
        return json_response({"session": name, "forgotten": True})

    return [
        Route(
            "GET",
            "/v1/sessions/{session}",
            look,
            Access.PREDICT,
            summary="What a conversation remembers",
            responses=_responses(SessionBody, "The conversation"),
            parameters=PARAMETERS,
        ),
        Route(
            "DELETE",
            "/v1/sessions/{session}",
            forget,
            Access.PREDICT,
            summary="Forget a conversation",
            responses=_responses(Forgotten, "It is forgotten"),
            parameters=PARAMETERS,
        ),
    ]


def _responses(model: type[BaseModel], description: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": description, "model": model},
        **{status: {"description": text, "model": ErrorBody} for status, text in REFUSED.items()},
    }
