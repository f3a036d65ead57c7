"""Puts the HTTP service together. Refuses to know: sockets and processes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI

from seatrial import __version__
from seatrial.serve.handlers import Handlers
from seatrial.serve.http.errors import install_errors
from seatrial.serve.http.metrics import Measured, Metrics
from seatrial.serve.http.operations import operations_router
from seatrial.serve.http.pages import pages_router
from seatrial.serve.http.predict import predict_router
from seatrial.serve.settings import ServeSettings

__all__ = ["create_app"]


def create_app(settings: ServeSettings, handlers: Handlers) -> FastAPI:
    """The service as an ASGI application.

    Args:
        settings: the limits of the service.
        handlers: what it does; closed, with the settings' grace, when the application shuts down.

    Returns:
        An application that shares nothing with another one in the same process, its metrics included.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await handlers.close(settings.grace_s)

    app = FastAPI(
        title=f"{handlers.metadata.name} served by Seatrial",
        version=__version__,
        docs_url=None,  # FastAPI's pages load scripts from a content network; ours work offline
        redoc_url=None,
        redirect_slashes=False,  # an address with a slash too many is told so, not sent elsewhere with an empty body
        lifespan=lifespan,
    )
    metrics = Metrics(handlers)
    handlers.predict.batcher.observe = metrics.batch
    app.include_router(predict_router(handlers.predict, settings))  # first: routes are tried in order
    app.include_router(operations_router(handlers, metrics))
    app.include_router(pages_router(handlers.metadata, partial(app.openapi)))
    install_errors(app)
    app.add_middleware(Measured, observe=metrics.request)
    return app
