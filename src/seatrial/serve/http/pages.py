"""The pages for people: playground, list of routes, model card. All work offline and load nothing from elsewhere.

Refuses to know: models. The playground talks to the same routes as any other client.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Callable
from importlib.resources import files
from typing import Any

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from seatrial.serve.handlers import Metadata
from seatrial.serve.http.errors import error_response
from seatrial.serve.http.markdown import render

__all__ = ["pages_router"]


def pages_router(metadata: Metadata, openapi: Callable[[], dict[str, Any]]) -> APIRouter:
    """Routes for a browser.

    Args:
        metadata: what is served.
        openapi: the application's own description, asked for when the list of routes is shown.
    """
    router = APIRouter(include_in_schema=False)
    playground = _page("Playground", _asset("playground.html"), script=_asset("playground.js"))

    @router.api_route("/", methods=["GET", "HEAD"])
    async def home() -> Response:
        return playground

    @router.get("/docs")
    async def docs() -> Response:
        return _page("Routes", _routes(openapi()))

    @router.get("/model-card")
    async def card() -> Response:
        if not metadata.card:
            return error_response(404, "this release has no model card")
        body = f'<p><a href="/">Playground</a></p><main class="panel prose">{render(metadata.card)}</main>'
        return _page("Model card", body)

    return router


def _asset(name: str) -> str:
    return files("seatrial.serve.http").joinpath(name).read_text(encoding="utf-8")


def _page(title: str, body: str, *, script: str = "") -> Response:
    """A whole page: the shared style, `body` as it is, and a policy that allows exactly this style and script."""
    style = _asset("page.css")
    policy = [
        "default-src 'none'",
        f"style-src {_allowed(style)}",
        f"script-src {_allowed(script)}" if script else "script-src 'none'",
        "connect-src 'self'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="data:,">'
        f"<title>{html.escape(title)} · Seatrial</title><style>{style}</style></head>"
        f"<body>{body}{f'<script>{script}</script>' if script else ''}</body></html>"
    )
    headers = {
        "Content-Security-Policy": "; ".join(policy),
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-cache",
    }
    return HTMLResponse(page, headers=headers)


def _allowed(source: str) -> str:
    """The hash by which a content security policy names an inline block."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


def _routes(description: dict[str, Any]) -> str:
    """The routes of an OpenAPI description as a table."""
    rows = [
        f"<tr><td><code>{method.upper()}</code></td><td><code>{html.escape(path)}</code></td>"
        f"<td>{html.escape(operation.get('summary', ''))}</td></tr>"
        for path, operations in description["paths"].items()
        for method, operation in operations.items()
    ]
    example = """curl -s http://HOST:PORT/v1/predict \\
  -H 'Content-Type: application/json' \\
  -d '{"inputs": "What a lovely day"}'"""
    return (
        f'<main class="panel prose">'
        f"<h1>{html.escape(description['info']['title'])}</h1>"
        '<p><a href="/">Playground</a> · <a href="/openapi.json">OpenAPI description</a></p>'
        "<table><thead><tr><th>Method</th><th>Route</th><th>What it does</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table><h2>Try it</h2><pre>{html.escape(example)}</pre></main>"
    )
