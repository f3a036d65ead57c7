"""The labelling page and its routes, as an ASGI application.

Refuses to know: what becomes of an answer (`session`), and who may call (`door`).
"""

from __future__ import annotations

import base64
import hashlib
import logging
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from seatrial.artifact.strict_json import strict_json
from seatrial.errors import DataError, RequestError, SeatrialError
from seatrial.label.door import HEADERS, body_of, check_request, rater_of
from seatrial.label.export import export_answers
from seatrial.label.session import Session

__all__ = ["create_app"]

LOG = logging.getLogger("seatrial.label")
LONGEST_TOKEN = 100
LONGEST_S = 3600.0
"""A longer look at an item is a break, not work."""
EXPORTS = {"jsonl": "application/jsonl", "csv": "text/csv", "json": "application/json"}

Given = Mapping[str, Any]
Act = Callable[[str, Given], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Door:
    """What every route asks before it does anything."""

    session: Session
    keyed: bool
    local: bool

    def route(self, method: str, path: str, act: Act, *, decides: bool = False) -> Route:
        """A route for raters, or with `decides` for adjudicators."""

        async def endpoint(request: Request) -> Response:
            check_request(request, local=self.local)
            rater = await run_in_threadpool(rater_of, request, self.session.store, keyed=self.keyed)
            if decides and not self.session.store.raters()[rater]:
                raise RequestError("this is for adjudicators", status=403, hint="name them with --adjudicator")
            given: Given = request.query_params if method == "GET" else await body_of(request)
            return _json(await run_in_threadpool(act, rater, given))

        return Route(path, endpoint, methods=[method])


def create_app(session: Session, *, keyed: bool, local: bool) -> Starlette:
    """The application.

    Args:
        session: what people see and do.
        keyed: raters prove who they are with keys; otherwise whoever reaches the page says who they are.
        local: it is for this machine only and answers no other name.
    """
    door = _Door(session, keyed, local)
    page = _page()

    async def home(request: Request) -> Response:
        check_request(request, local=local)
        return page

    async def setup(request: Request) -> Response:
        check_request(request, local=local)
        found: dict[str, Any] = {"keyed": keyed}
        if keyed:
            rater = await run_in_threadpool(rater_of, request, session.store, keyed=True)
            found["rater"] = {"name": rater, "decides": session.store.raters()[rater]}
        else:
            found["raters"] = [{"name": name, "decides": yes} for name, yes in session.store.raters().items()]
        return _json({**session.setup(), **found})

    async def export(request: Request) -> Response:
        check_request(request, local=local)
        rater = await run_in_threadpool(rater_of, request, session.store, keyed=keyed)
        if not session.store.raters()[rater]:
            raise RequestError("this is for adjudicators", status=403, hint="use --out on the command line")
        return await run_in_threadpool(_exported, session, request.query_params.get("format", "jsonl"))

    routes = [
        Route("/", home),
        Route("/api/setup", setup),
        Route("/api/export", export),
        *_acts(door, session),
    ]
    return Starlette(routes=routes, exception_handlers={SeatrialError: _refused, Exception: _failed})


def _acts(door: _Door, session: Session) -> list[Route]:
    """The routes of what raters and adjudicators do."""

    def answer(rater: str, given: Given) -> dict[str, Any]:
        label = None if given.get("label") is None else _text(given, "label")
        took_s = given.get("took_s", 0)
        if not isinstance(took_s, (int, float)) or not took_s >= 0:
            raise RequestError("took_s is no number of seconds")
        item, token = _text(given, "item"), _text(given, "token")
        return session.answer(rater, item, label, token=token, took_s=min(float(took_s), LONGEST_S))

    def decide(rater: str, given: Given) -> dict[str, Any]:
        return session.decide(rater, _text(given, "item"), _text(given, "label"), token=_text(given, "token"))

    return [
        door.route("GET", "/api/next", lambda rater, _: session.next_for(rater)),
        door.route("GET", "/api/progress", lambda rater, _: session.progress(rater)),
        door.route("GET", "/api/item", lambda rater, given: session.show(rater, _text(given, "id"))),
        door.route("GET", "/api/search", lambda rater, given: session.search(rater, _text(given, "words"))),
        door.route("GET", "/api/differences", lambda rater, _: session.disagreements(rater), decides=True),
        door.route("POST", "/api/answer", answer),
        door.route("POST", "/api/undo", lambda rater, given: session.undo(rater, token=_text(given, "token"))),
        door.route("POST", "/api/decide", decide, decides=True),
    ]


def _text(given: Given, name: str) -> str:
    found = given.get(name)
    if not isinstance(found, str) or (name == "token" and not 8 <= len(found) <= LONGEST_TOKEN):
        raise RequestError(f"{name} is missing or of another form")
    return found


def _exported(session: Session, kind: str) -> Response:
    if kind not in EXPORTS:
        raise RequestError(f"{kind[:20]!r} is no format", hint=f"choose one of: {', '.join(EXPORTS)}")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / f"answers.{kind}"
        export_answers(session.store, out)
        content = out.read_bytes()
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="answers.{kind}"'}
    return Response(content, media_type=EXPORTS[kind], headers=headers)


def _json(value: object, status: int = 200) -> Response:
    return Response(strict_json(value), status_code=status, media_type="application/json", headers=HEADERS)


def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, SeatrialError)
    status = error.status if isinstance(error, RequestError) else 422 if isinstance(error, DataError) else 500
    return _json({"message": error.message, "hint": error.hint}, status)


def _failed(_: Request, __: Exception) -> Response:
    """A fault of ours; Starlette raises it again for the server's log after this is sent."""
    return JSONResponse(
        {"message": "a fault of the service", "hint": "look at its log"}, status_code=500, headers=HEADERS
    )


def _page() -> Response:
    """The page in one piece, with a policy that allows exactly its own style and script."""
    html, style, script = (_asset(name) for name in ("label.html", "label.css", "label.js"))
    policy = [
        "default-src 'none'",
        f"style-src {_allowed(style)}",
        f"script-src {_allowed(script)}",
        "connect-src 'self'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
    headers = {
        **HEADERS,
        "Content-Security-Policy": "; ".join(policy),
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    content = html.replace("<style></style>", f"<style>{style}</style>")
    return HTMLResponse(content.replace("<script></script>", f"<script>{script}</script>"), headers=headers)


def _asset(name: str) -> str:
    return files("seatrial.label").joinpath("page", name).read_text(encoding="utf-8")


def _allowed(source: str) -> str:
    """The hash by which a content security policy names an inline block."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"
