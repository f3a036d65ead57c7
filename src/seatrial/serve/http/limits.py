"""Guards on what comes in: a body is refused while it is read, JSON before it is parsed.

Refuses to know: what the JSON means.
"""

from __future__ import annotations

import json
import re
from typing import NoReturn

from starlette.requests import Request

from seatrial.errors import RequestError

__all__ = ["check_headers", "parse_json", "read_body"]

STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
BRACKETS = re.compile(rb"[\[\]{}]")


def check_headers(request: Request) -> None:
    """Refuse a body that cannot be plain JSON.

    Raises:
        RequestError: 415, the body is declared as something else or as compressed.
    """
    kind = request.headers.get("content-type", "")
    media_type = kind.partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise RequestError(
            f"the body is declared as {media_type[:60] or 'nothing'}",
            status=415,
            hint="send JSON with the header Content-Type: application/json",
        )
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise RequestError("the body is compressed", status=415, hint="send it without Content-Encoding")


async def read_body(request: Request, max_bytes: int) -> bytes:
    """The body, of at most `max_bytes` bytes; no more than that is ever held.

    Raises:
        RequestError: 413, the body is larger, by its header or by what arrives.
    """
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdecimal() and int(declared[:20]) > max_bytes:
        _too_large(max_bytes)
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > max_bytes:
            _too_large(max_bytes)
        chunks.append(chunk)
    return b"".join(chunks)


def _too_large(max_bytes: int) -> NoReturn:
    raise RequestError(
        f"the body is larger than {max_bytes} bytes",
        status=413,
        hint="send fewer or shorter texts in one request",
    )


def parse_json(body: bytes, max_depth: int) -> object:
    """The value that `body` spells.

    Raises:
        RequestError: 400, it is not UTF-8, not JSON, or nested deeper than `max_depth`.
    """
    if not body:
        raise RequestError("the body is empty", status=400, hint='send JSON, for example {"inputs": "a text"}')
    # The parser recurses: a deep body would reach the interpreter's own limit. Counting every opening bracket is an
    # upper bound that nearly all requests stay below; only the others are looked at closely.
    if body.count(b"[") + body.count(b"{") > max_depth and _depth(body) > max_depth:
        raise RequestError(
            f"the JSON is nested deeper than {max_depth} levels",
            status=400,
            hint='send {"inputs": "a text"} or {"inputs": ["a text", "another"]}',
        )
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RequestError(
            f"the body is not UTF-8 (byte {error.start})", status=400, hint="encode the JSON as UTF-8"
        ) from error
    try:
        return json.loads(text, parse_constant=_not_json)
    except json.JSONDecodeError as error:
        raise RequestError(
            f"the body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}",
            status=400,
            hint='send JSON, for example {"inputs": "a text"}',
        ) from error
    except ValueError as error:  # an integer with thousands of digits, or _not_json
        raise RequestError(
            "the JSON holds a number that cannot be read", status=400, hint="send the inputs as texts in double quotes"
        ) from error


def _depth(body: bytes) -> int:
    """The deepest nesting of brackets outside strings."""
    depth = deepest = 0
    for bracket in BRACKETS.findall(STRINGS.sub(b"", body)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _not_json(name: str) -> NoReturn:
    """Python's parser takes NaN and Infinity, JSON does not know them."""
    raise ValueError(name)
