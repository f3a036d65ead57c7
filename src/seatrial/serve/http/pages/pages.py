"""The pages for people: playground, chat, list of routes, model card. All work offline and load nothing from elsewhere.

Refuses to know: models. The playground talks to the same routes as any other client.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Callable, Iterable
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from seatrial.errors import RequestError
from seatrial.serve.access import Access
from seatrial.serve.call import Call
from seatrial.serve.handlers import Handlers
from seatrial.serve.http.answers import json_response
from seatrial.serve.http.pages.markdown import render
from seatrial.serve.http.pages.route_list import route_list
from seatrial.serve.http.routes import Route

__all__ = ["page_routes"]

# In order: what is used while a script starts stands before it.
CHAT_SCRIPTS = (
    "playground/nodes",
    "playground/client",
    "playground/notices",
    "chat/stream",
    "chat/messages",
    "chat/chat",
)
SCRIPTS = (
    "nodes",
    "client",
    "batch",
    "encodings",
    "delimited",
    "tables",
    "vectors",
    "snippets",
    "timing",
    "labels",
    "embeddings",
    "entities",
    "notices",
    "model_panel",
    "code_panel",
    "file_panel",
    "batch_panel",
    "playground",
)


def page_routes(handlers: Handlers, openapi: Callable[[], dict[str, Any]]) -> list[Route]:
    """Routes for a browser. They hold nothing secret and are public; what they call asks for a key where one is needed.

    Args:
        handlers: what is served.
        openapi: the application's own description, asked for when the list of routes is shown.
    """
    playground = _page("Playground", _asset("playground.html"), script=_script(f"playground/{n}" for n in SCRIPTS))
    conversation = _page("Chat", _asset("chat.html"), script=_script(CHAT_SCRIPTS))

    async def home(_: Request, __: Call) -> Response:
        only_talk = all(model.output_name == "text" for model in handlers.catalog.current)
        return conversation if only_talk else playground

    async def chat(_: Request, __: Call) -> Response:
        return conversation

    async def docs(request: Request, _: Call) -> Response:
        return _page("Routes", route_list(openapi(), str(request.base_url).rstrip("/")))

    async def description(_: Request, __: Call) -> Response:
        return json_response(openapi())

    async def card(request: Request, _: Call) -> Response:
        served = handlers.catalog.find_any(request.query_params.get("model"))
        if not served.card:
            raise RequestError("this release has no model card", status=404, hint="it was made without one")
        names = [model.release.name for model in handlers.catalog.current]
        # The playground shows the card in a frame, where links to other pages lead nowhere.
        above = "" if "bare" in request.query_params else _card_links(names, served.release.name)
        return _page("Model card", f'{above}<main class="panel prose">{render(served.card)}</main>')

    return [
        Route("GET", "/", home, Access.PUBLIC),
        Route("GET", "/chat", chat, Access.PUBLIC),
        Route("GET", "/docs", docs, Access.PUBLIC),
        Route("GET", "/openapi.json", description, Access.PUBLIC),
        Route("GET", "/model-card", card, Access.PREDICT),
    ]


def _card_links(names: list[str], shown: str) -> str:
    """Links above a card: back to the playground, and to the card of every model."""
    links = ['<a href="/">Playground</a>']
    if len(names) > 1:
        links += [
            f'<a href="/model-card?model={quote(name, safe="")}" dir="auto"{_current(name == shown)}>'
            f"{html.escape(name)}</a>"
            for name in names
        ]
    return f'<nav aria-label="Cards of other models">{"".join(links)}</nav>'


def _current(shown: bool) -> str:
    return ' aria-current="page"' if shown else ""


def _script(names: Iterable[str]) -> str:
    return "\n".join(_asset(f"{name}.js") for name in names)


def _asset(name: str) -> str:
    return files("seatrial.serve.http.pages").joinpath(name).read_text(encoding="utf-8")


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
