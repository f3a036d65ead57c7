"""Routes for those who run the service: health, metrics, and what is being served.

Refuses to know: predictions.
"""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from seatrial.errors import BusyError
from seatrial.serve.access import Access
from seatrial.serve.call import Call
from seatrial.serve.handlers import Handlers
from seatrial.serve.http.answers import json_response
from seatrial.serve.http.routes import Route
from seatrial.serve.http.schema import ErrorBody, ModelInfo, ModelList
from seatrial.serve.in_service import InService
from seatrial.serve.settings import ServeSettings

__all__ = ["operations_routes"]


def operations_routes(handlers: Handlers, settings: ServeSettings) -> list[Route]:
    """Routes that never wait behind the queue."""

    async def live(_: Request, __: Call) -> Response:
        return PlainTextResponse("alive")

    async def ready(_: Request, __: Call) -> Response:
        if not handlers.health.ready:
            raise BusyError("the service is stopping")
        return PlainTextResponse("ready")

    async def figures(request: Request, _: Call) -> Response:
        accept = request.headers.get("accept", "")
        body, media_type = await asyncio.to_thread(handlers.metrics.exposition, accept)  # some ms that nobody waits for
        return Response(body, headers={"Content-Type": media_type})

    async def model(_: Request, __: Call) -> Response:
        return json_response(_info(handlers.catalog.find_any(), handlers, settings).model_dump())

    async def models(_: Request, __: Call) -> Response:
        infos = [_info(served, handlers, settings) for served in handlers.catalog.current]
        return json_response(ModelList(models=infos).model_dump())

    text: dict[int | str, dict[str, Any]] = {200: {"description": "One word", "content": {"text/plain": {}}}}
    stopping: dict[int | str, dict[str, Any]] = {503: {"description": "Stopping", "model": ErrorBody}}
    return [
        Route("GET", "/health/live", live, Access.PUBLIC, summary="Is the process alive?", responses=text),
        Route(
            "GET",
            "/health/ready",
            ready,
            Access.PUBLIC,
            summary="Should requests be sent here?",
            responses={**text, **stopping},
        ),
        Route(
            "GET",
            "/metrics",
            figures,
            Access.METRICS,
            summary="Figures in Prometheus' format",
            responses={200: {"description": "Prometheus' text format", "content": {"text/plain": {}}}},
        ),
        Route(
            "GET",
            "/v1/model",
            model,
            Access.PREDICT,
            summary="What answers when no model is named",
            responses={200: {"description": "The default model", "model": ModelInfo}},
        ),
        Route(
            "GET",
            "/v1/served",
            models,
            Access.PREDICT,
            summary="Everything that is served",
            responses={200: {"description": "All models", "model": ModelList}},
        ),
    ]


def _info(served: InService, handlers: Handlers, settings: ServeSettings) -> ModelInfo:
    release = served.release
    return ModelInfo(
        name=release.name,
        version=release.version,
        versions=handlers.catalog.versions(release.name),
        task=release.task,
        output=served.output_name,
        labels=list(release.labels),
        max_length=served.max_tokens,
        max_texts=settings.max_texts,
        examples=list(settings.examples),
    )
