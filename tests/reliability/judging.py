"""What a refusal must be: of the right status, in the protocol's shape, and silent about what is inside.

Refuses to know: what was sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Set

from .doors import Door, own_refusal
from .wire import Answer

__all__ = ["MOST_MS", "leak", "unfit"]

MOST_MS = 1000.0
"""From the last byte of the input to the last one of the answer."""
LEAKS = re.compile(
    r"""
    traceback | \bfile\ " | \.py\b | site-packages | \bline\ \d+,\ in\b              # where it went wrong
    | (?<![\w.])/(?:home|work|usr|tmp|opt|var|root|srv|lib|proc)(?:/|\b)            # paths of a machine
    | \bseatrial\.\w | \b(?:onnx|torch|uvicorn|starlette|fastapi|httptools|llhttp|pydantic|numpy|asyncio|tokenizers)
    | \bpython\b | \bgrpc\.\w | \bprotobuf\b | utf-8-sig | \bcodec\b | \bobject\ at\b | <class\b | 0x[0-9a-f]{6,}
    | \b[a-z]*(?:Error|Exception)\b(?<!error)                                       # names of exceptions
    | \b\d+\.\d+\.\d+\b                                                             # versions of software
    """,
    re.VERBOSE | re.IGNORECASE,
)


def leak(text: str) -> str | None:
    """What a text tells of the inside, with its surroundings."""
    found = LEAKS.search(text)
    return None if found is None else text[max(0, found.start() - 40) : found.end() + 40]


def unfit(answer: Answer, door: Door, statuses: Set[int], *, own_shape: bool = False) -> str | None:
    """What is wrong with an answer to a bad input; None if nothing is.

    Args:
        answer: what came.
        door: whose shape it must have; where the connection ends, Seatrial's own will do, as HTTP itself was broken.
        statuses: those that are right.
        own_shape: whether Seatrial's own shape will do in any case.
    """
    shown = f"{answer.status} {answer.body[:300]!r}"
    if answer.status not in statuses:
        return f"not {sorted(statuses)}: {shown}"
    if answer.headers.get("content-type") != "application/json" or "server" in answer.headers:
        return f"headers: {answer.headers}"
    if not _shaped(answer.body, door, own_shape or answer.last):
        return f"not in the protocol's shape: {shown}"
    told = leak(f"{answer.body.decode()}\n{answer.headers}")
    return None if told is None else f"tells of the inside: {told!r}"


def _shaped(body: bytes, door: Door, own_shape: bool) -> bool:
    try:
        value = json.loads(body)
    except ValueError:
        return False
    return door.refusal(value) or (own_shape and own_refusal(value))
