"""Routes for those who run the service: health, metrics, and what is being served.

Refuses to know: predictions.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from seatrial.serve.handlers import Handlers
from seatrial.serve.http.errors import error_response
from seatrial.serve.http.metrics import Metrics
from seatrial.serve.http.schema import ErrorBody, ModelInfo

__all__ = ["operations_router"]


def operations_router(handlers: Handlers, metrics: Metrics) -> APIRouter:
    """Routes that never wait behind the queue."""
    router = APIRouter()

    @router.get("/health/live", response_class=PlainTextResponse, summary="Is the process alive?")
    async def live() -> Response:
        return PlainTextResponse("alive")

    @router.get(
        "/health/ready",
        response_class=PlainTextResponse,
        responses={503: {"description": "Stopping", "model": ErrorBody}},
        summary="Should requests be sent here?",
    )
    async def ready() -> Response:
        if handlers.health.ready:
            return PlainTextResponse("ready")
        return error_response(503, "the service is stopping", headers={"Retry-After": "1"})

    @router.get("/metrics", response_class=PlainTextResponse, summary="Figures in Prometheus' format")
    async def figures() -> Response:
        return Response(metrics.text(), media_type="text/plain; version=0.0.4")

    @router.get("/v1/model", summary="What is served")
    async def model() -> ModelInfo:
        served = handlers.metadata
        return ModelInfo(
            name=served.name,
            version=served.version,
            task=served.task,
            labels=list(served.labels),
            max_length=served.max_length,
            max_texts=served.max_texts,
            examples=list(served.examples),
        )

    return router
