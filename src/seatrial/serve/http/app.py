"""Puts the HTTP service together. Refuses to know: sockets and processes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from itertools import takewhile

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path

from seatrial.serve.handlers import Handlers
from seatrial.serve.http.admin import admin_routes
from seatrial.serve.http.door import guard
from seatrial.serve.http.errors import ELSEWHERE, refusal_of_router, refused
from seatrial.serve.http.front import Front
from seatrial.serve.http.operations import operations_routes
from seatrial.serve.http.pages.pages import page_routes
from seatrial.serve.http.protocols.embeddings_inference import embeddings_inference_routes
from seatrial.serve.http.protocols.oip import oip_routes
from seatrial.serve.http.protocols.openai import openai_routes
from seatrial.serve.http.protocols.openai_chat import openai_chat_routes
from seatrial.serve.http.protocols.predict import predict_routes
from seatrial.serve.http.protocols.sagemaker import sagemaker_routes
from seatrial.serve.http.routes import Route
from seatrial.serve.http.sessions import session_routes
from seatrial.serve.reload import Reloader
from seatrial.serve.settings import ServeSettings

__all__ = ["create_app"]

NO_METHOD = 405
OWN_HEADERS = ("X-Request-Id", "X-Request-Timeout-Ms", "X-Session")
"""Headers that our own clients send beside those for keys and types."""


def create_app(settings: ServeSettings, handlers: Handlers, reloader: Reloader | None = None) -> FastAPI:
    """The service as an ASGI application.

    Args:
        settings: the limits of the service.
        handlers: what it does; closed, with the settings' grace, when the application shuts down.
        reloader: looks for new releases when an administrator asks; None finds none.

    Returns:
        An application that shares nothing with another one in the same process, its metrics included. Its
        `state.routes` is the table that it was made from.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await handlers.close(settings.grace_s)

    app = FastAPI(
        title="Seatrial",
        version="v1",  # of the interface; which software answers is nobody's business
        docs_url=None,  # FastAPI's pages load scripts from a content network; ours work offline
        redoc_url=None,
        openapi_url=None,  # served by our own route, with a decision about access like every other
        # FastAPI's own would send errors with their texts to where OTEL_ variables point; ours is `serve.watch.tracing`
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
        redirect_slashes=False,  # an address with a slash too many is told so, not sent elsewhere with an empty body
        lifespan=lifespan,
    )
    routes: list[Route] = [
        *predict_routes(handlers.predict, settings),
        *openai_routes(handlers, settings),
        *openai_chat_routes(handlers, settings),
        *embeddings_inference_routes(handlers, settings),
        *sagemaker_routes(handlers, settings),
        *oip_routes(handlers, settings),
        *operations_routes(handlers, settings),
        *session_routes(handlers),
        *admin_routes(reloader),
        *page_routes(handlers, partial(app.openapi)),
    ]
    app.state.routes = tuple(routes)
    handlers.metrics.expect(sorted({route.protocol for route in routes}))
    _mount(app, routes, handlers, settings)
    return app


def _mount(app: FastAPI, routes: Sequence[Route], handlers: Handlers, settings: ServeSettings) -> None:
    """Register every route behind its door, with the framework and, where it has no parameters, with the front."""
    short = {}
    for route in routes:
        endpoint = guard(route, handlers, settings)
        app.add_api_route(
            route.path,
            endpoint,
            methods=[route.method],
            summary=route.summary or None,
            name=f"{route.method} {route.path}",
            include_in_schema=bool(route.summary),
            response_class=Response,
            responses=dict(route.responses),
            # The request is described but not parsed by FastAPI, whose messages do not say what to send.
            openapi_extra=_extra(route),
        )
        if route.method == "GET":  # a description has one operation per path and method
            app.add_api_route(route.path, endpoint, methods=["HEAD"], include_in_schema=False)
        if "{" not in route.path:
            short[route.method, route.path] = endpoint

    patterns = [(compile_path(route.path)[0], route.method) for route in routes]

    async def not_found(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        path = request.url.path
        methods = [method for pattern, method in patterns if pattern.match(path)]
        if methods and error.status_code == NO_METHOD:  # the framework names those of one route only
            error = HTTPException(NO_METHOD, headers={"Allow": ", ".join(methods)})
        response = refused(refusal_of_router(error), _protocol_near(path, routes))
        response.status_code = error.status_code  # a protocol's own numbers are for what its routes refuse
        if methods and error.status_code == NO_METHOD:
            response.headers["Allow"] = ", ".join(methods).replace("GET", "GET, HEAD")
        return response

    app.add_exception_handler(HTTPException, not_found)
    app.add_middleware(Front, short=short, handlers=handlers)
    if settings.cors_origins:  # outside the front, whose short way would go past it
        _allow_pages_from(settings.cors_origins, app)


def _allow_pages_from(origins: Sequence[str], app: FastAPI) -> None:
    """Let web pages from elsewhere call the service; without this a browser keeps the answers from them."""
    from starlette.middleware.cors import CORSMiddleware

    app.add_middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=[
            "Authorization",
            "Content-Type",
            "X-API-Key",
            "X-Request-Id",
            "X-Request-Timeout-Ms",
            "X-Session",
        ],
        expose_headers=["X-Request-Id", "X-Model-Name", "X-Model-Version", "X-Cache", "Retry-After"],
    )


def _protocol_near(path: str, routes: Sequence[Route]) -> str:
    """Whose manners to follow where there is no route: of those that share most of the path's head, if they agree."""
    known = [(route.path, route.protocol) for route in routes]
    known += [(head, protocol) for protocol, heads in ELSEWHERE.items() for head in heads]
    shared = [(_shared_parts(path, other), protocol) for other, protocol in known]
    most = max(parts for parts, _ in shared)
    protocols = {protocol for parts, protocol in shared if parts == most}
    return protocols.pop() if most and len(protocols) == 1 else "rest"


def _shared_parts(path: str, other: str) -> int:
    """How many parts two paths have in common, from their heads on."""
    pairs = zip(path.strip("/").split("/"), other.strip("/").split("/"), strict=False)
    return len(list(takewhile(lambda pair: pair[0] == pair[1] != "", pairs)))


def _extra(route: Route) -> dict[str, object]:
    """What FastAPI cannot know of a route."""
    extra: dict[str, object] = {"x-access": route.access.value, "x-protocol": route.protocol}
    if route.parameters:
        extra["parameters"] = list(route.parameters)
    if route.body is not None:
        bodies = {"application/json": route.body, **route.other_bodies}
        content = {media_type: {"schema": dict(schema)} for media_type, schema in bodies.items()}
        extra["requestBody"] = {"required": True, "content": content}
    return extra
