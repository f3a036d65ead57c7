"""Who may call the page's routes: requests by the machine's own name, from the page itself, and of a known rater.

A web page elsewhere can make a browser send requests here. It cannot set the header that every route demands without
asking first, which nobody answers; and it cannot call this machine by a name of its own. Bodies are small. Refuses to
know: what is asked.
"""

from __future__ import annotations

import ipaddress
import json
from typing import Any
from urllib.parse import unquote, urlsplit

from starlette.requests import Request

from seatrial.data.annotate.store import Store
from seatrial.errors import RequestError

__all__ = ["HEADERS", "body_of", "check_request", "rater_of"]

OWN_HEADER = "x-seatrial-label"
MAX_BODY_BYTES = 65_536
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def check_request(request: Request, *, local: bool) -> None:
    """Refuse what does not come from the page itself.

    Args:
        request: the request; a route below ``/api/`` needs the page's header.
        local: the service is for this machine only, so it must be called by an address of it.

    Raises:
        RequestError: 400, 403 or 421.
    """
    hosts = request.headers.getlist("host")
    if len(hosts) != 1:
        raise RequestError("the request needs one Host header", status=400, hint="send exactly one")
    if local and not _is_own(hosts[0]):
        raise RequestError("this page is called by an address of its own machine", status=421, hint="call it 127.0.0.1")
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != hosts[0].lower():
        raise RequestError("the request comes from another page", status=403, hint="use the page of this service")
    if request.url.path.startswith("/api/") and OWN_HEADER not in request.headers:
        raise RequestError(f"the header {OWN_HEADER} is missing", status=403, hint="use the page of this service")


async def body_of(request: Request) -> dict[str, Any]:
    """The JSON object in a request's body.

    Raises:
        RequestError: 413, 415 or 422.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise RequestError("the body is not JSON", status=415, hint="send Content-Type: application/json")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY_BYTES:
            raise RequestError("the body is too long", status=413, hint=f"send at most {MAX_BODY_BYTES} bytes")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RequestError("the body is no well-formed JSON", status=422) from error
    if not isinstance(found, dict):
        raise RequestError("the body is no JSON object", status=422)
    return found


def rater_of(request: Request, store: Store, *, keyed: bool) -> str:
    """Who asks: by key, or where there are none by name.

    Raises:
        RequestError: 401, in the same words whatever is wrong with a key.
    """
    if keyed:
        name = store.rater_of(request.headers.get("x-rater-key", ""))
        if name is None:
            raise RequestError("this needs a rater's key", status=401, hint="open the link that you were given")
        return name
    name = unquote(request.headers.get("x-rater", ""))
    if name not in store.raters():
        raise RequestError("this rater is not known", status=401, hint="choose a name on the page")
    return name


def _is_own(host: str) -> bool:
    name = (urlsplit(f"//{host}").hostname or "").lower() if host.count("[") < 2 else ""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
