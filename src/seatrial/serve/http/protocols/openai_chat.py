"""OpenAI's routes that generate: chat completions and completions, whole or as a stream of events.

Refuses to know: models, tokens; `openai_chat_fields` reads requests, `openai_chat_answers` spells answers.

Source: https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from seatrial.errors import RequestError
from seatrial.serve.access import Access
from seatrial.serve.call import Call
from seatrial.serve.generation.pieces import Clocks
from seatrial.serve.handlers import Handlers
from seatrial.serve.http.answers import json_response, read_object
from seatrial.serve.http.door import unless_client_leaves
from seatrial.serve.http.protocols import openai_chat_schema as schema
from seatrial.serve.http.protocols.openai import PROTOCOL, name_and_version
from seatrial.serve.http.protocols.openai_chat_answers import ChatShape, Spelling, TextShape
from seatrial.serve.http.protocols.openai_chat_fields import (
    CHAT_HINT,
    COMPLETION_HINT,
    Wanted,
    read_chat,
    read_completion,
)
from seatrial.serve.http.routes import Route
from seatrial.serve.http.streaming import event_stream
from seatrial.serve.settings import ServeSettings

__all__ = ["openai_chat_routes"]

SESSION_HEADER = "x-session"
DONE = "[DONE]"


def openai_chat_routes(handlers: Handlers, settings: ServeSettings) -> list[Route]:
    """Chat completions and completions."""

    async def chat(request: Request, call: Call) -> Response:
        body = await read_object(request, settings, hint=CHAT_HINT)
        return await _answered(request, call, handlers, read_chat(body, _session_header(request)), chat=True)

    async def completions(request: Request, call: Call) -> Response:
        body = await read_object(request, settings, hint=COMPLETION_HINT)
        return await _answered(request, call, handlers, read_completion(body), chat=False)

    return [
        Route(
            "POST",
            "/v1/chat/completions",
            chat,
            Access.PREDICT,
            PROTOCOL,
            summary="OpenAI: go on with a conversation",
            responses=schema.responses(schema.ChatCompletion, "The answer, or a stream of chunks"),
            body=schema.chat_request(settings),
            parameters=(schema.SESSION_PARAMETER,),
            generates=True,
        ),
        Route(
            "POST",
            "/v1/completions",
            completions,
            Access.PREDICT,
            PROTOCOL,
            summary="OpenAI: go on with a text",
            responses=schema.responses(schema.Completion, "The text, or a stream of chunks"),
            body=schema.completion_request(settings),
            generates=True,
        ),
    ]


async def _answered(request: Request, call: Call, handlers: Handlers, wanted: Wanted, *, chat: bool) -> Response:
    """The answer to a request that has been read."""
    served = handlers.generate.find(*name_and_version(handlers, wanted.model))
    ask = wanted.ask
    handlers.generate.check(served, ask, wanted.session)
    clocks = Clocks(served.release)
    pieces = handlers.generate.answer(call, served, ask, clocks, wanted.session)
    told = ask.sampling.log_probabilities is not None
    shape = (ChatShape if chat else TextShape)(served.words.bytes_of, told=told)
    spelling = Spelling(shape, "chat.completion" if chat else "text_completion", call.request_id, clocks)
    headers = _headers(served.release.name, served.release.version, wanted.session)
    if not wanted.stream:
        answer = await unless_client_leaves(request, spelling.whole(pieces, ask.n))
        return json_response(answer, headers)
    return await event_stream(
        request,
        spelling.chunks(pieces, ask.n, usage=wanted.usage),
        protocol=PROTOCOL,
        metrics=handlers.metrics,
        done=DONE,
        headers=headers,
    )


def _headers(name: str, version: str, session: str | None) -> dict[str, str]:
    named: Mapping[str, str] = {} if session is None else {"X-Session": session}
    return {"X-Model-Name": name, "X-Model-Version": version, **named}


def _session_header(request: Request) -> str | None:
    values: list[str] = request.headers.getlist(SESSION_HEADER)
    if len(values) > 1:
        raise RequestError("the header X-Session is there twice", hint="name one session, once")
    return values[0] if values else None
