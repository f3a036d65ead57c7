"""Guards on what comes in: a body is refused while it is read, JSON before it is parsed.

Refuses to know: what the JSON means.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection
from typing import Any, NoReturn

from starlette.requests import ClientDisconnect, Request

from seatrial.errors import RequestError
from seatrial.serve.settings import ServeSettings

__all__ = ["check_headers", "parse_json", "read_body"]

MAX_VALUES = 50_000
"""Values that the JSON of a request may hold: a million small ones in 2 MB hold everybody else up for half a second."""
GZIP = 16 + zlib.MAX_WBITS  # with gzip's head and check sum


def check_headers(request: Request, others: Collection[str] = ()) -> None:
    """Refuse a body that cannot be plain JSON.

    Args:
        request: only its headers are looked at.
        others: media types that are taken beside JSON.

    Raises:
        RequestError: 415, the body is declared as something else.
    """
    kind = request.headers.get("content-type", "")
    media_type = kind.partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json") and media_type not in others:
        raise RequestError(
            f"the body is declared as {media_type[:60] or 'nothing'}",
            status=415,
            hint="send JSON with the header Content-Type: application/json",
        )


async def read_body(request: Request, settings: ServeSettings) -> bytes:
    """The body, decompressed, of at most `max_body_bytes` bytes; no more than that is ever held.

    Raises:
        RequestError: 413, the body is larger, by its header, by what arrives or by what comes out of it; 415, it is
            compressed in another way than gzip; 400, it is no gzip.
    """
    max_bytes = settings.max_body_bytes
    coding = ", ".join(request.headers.getlist("content-encoding")).strip().lower() or "identity"
    if coding not in {"identity", "gzip", "x-gzip"}:
        raise RequestError(
            "the body is compressed in a way that is not known here",
            status=415,
            hint="send it with Content-Encoding: gzip, or as it is",
        )
    if coding != "identity":
        return await _inflated(request, max_bytes)
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdecimal() and int(declared[:20]) > max_bytes:
        _too_large(max_bytes)
    chunks, size, more = [], 0, True
    while more:  # what `request.stream()` does, without an asynchronous generator for what is nearly always one message
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > max_bytes:
            _too_large(max_bytes)
        chunks.append(chunk)
        more = message.get("more_body", False)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def _inflated(request: Request, max_bytes: int) -> bytes:
    """The body out of its gzip members; inflates at most one byte more than the limit."""
    stream, out, received = zlib.decompressobj(GZIP), bytearray(), 0
    try:
        async for chunk in request.stream():
            received += len(chunk)
            if received > max_bytes:
                _too_large(max_bytes)
            rest = chunk
            while rest:
                if stream.eof:  # another member follows
                    stream = zlib.decompressobj(GZIP)
                out += stream.decompress(rest, max_bytes + 1 - len(out))
                if len(out) > max_bytes:
                    _too_large(max_bytes)
                rest = stream.unconsumed_tail or stream.unused_data
    except zlib.error as error:
        raise RequestError("the body is no gzip", status=400, hint="compress it again, or send it as it is") from error
    if received and not stream.eof:
        raise RequestError("the gzip ends too early", status=400, hint="send all of it")
    return bytes(out)


def _too_large(max_bytes: int) -> NoReturn:
    raise RequestError(
        f"the body is larger than {max_bytes} bytes",
        status=413,
        hint="send fewer or shorter texts in one request",
    )


def parse_json(body: bytes, max_depth: int) -> object:
    """The value that `body` spells.

    Raises:
        RequestError: 400, it is not UTF-8, not JSON, nested deeper than `max_depth`, names a field twice, or holds more
            than `MAX_VALUES` values.
    """
    if not body:
        raise RequestError("the body is empty", status=400, hint='send JSON, for example {"inputs": "a text"}')
    # The parser recurses: a deep body would reach the interpreter's own limit. Counting every opening bracket is an
    # upper bound that nearly all requests stay below; only the others are looked at closely. So with values and commas.
    opened = body.count(b"[") + body.count(b"{")
    if opened > max_depth or opened + body.count(b",") > MAX_VALUES:
        _check_shape(body, max_depth)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RequestError(
            f"the body is not UTF-8 (byte {error.start})", status=400, hint="encode the JSON as UTF-8"
        ) from error
    if text.startswith("\ufeff"):
        raise RequestError(
            "the JSON begins with a byte order mark", status=400, hint="encode it as UTF-8 without the mark"
        )
    try:
        return DECODER.decode(text)
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


def _check_shape(body: bytes, max_depth: int) -> None:
    """Look at what stands outside strings; as arrays, for a loop over 2 MB would hold up everybody else."""
    import numpy as np

    read = np.frombuffer(body, dtype=np.uint8)
    quotes = read == ord('"')
    if b"\\" in body:  # a quote after an odd number of backslashes ends nothing
        places = np.arange(len(read), dtype=np.int32)
        last_other = np.maximum.accumulate(np.where(read == ord("\\"), -1, places))
        quotes[1:] &= (places[:-1] - last_other[:-1]) % 2 == 0
    outside = read[~np.logical_xor.accumulate(quotes)]
    steps = np.zeros(256, dtype=np.int8)
    steps[list(b"[{")], steps[list(b"]}")] = 1, -1
    steps = steps[outside]
    if np.cumsum(steps, dtype=np.int32).max(initial=0) > max_depth:
        fault = f"the JSON is nested deeper than {max_depth} levels"
    elif np.count_nonzero(steps == 1) + np.count_nonzero(outside == ord(",")) > MAX_VALUES:
        fault = f"the JSON holds more than {MAX_VALUES} values"
    else:
        return
    raise RequestError(fault, status=400, hint='send {"inputs": "a text"} or {"inputs": ["a text", "another"]}')


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The fields of an object, each named once: of two, every reader would take another."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise RequestError("the JSON names a field twice", status=400, hint="name each field of an object once")
    return found


def _not_json(name: str) -> NoReturn:
    """Python's parser takes NaN and Infinity, JSON does not know them."""
    raise ValueError(name)


DECODER = json.JSONDecoder(parse_constant=_not_json, object_pairs_hook=_unique)
