"""What a request looks like in each protocol: one row per protocol, the route and how texts become a body.

Refuses to know: connections, and what a service computes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from seatrial.load.answers import Reply

__all__ = ["PROTOCOLS", "Protocol", "bodies", "refusal_of", "version_of"]

VERSION_HEADERS = ("x-model-version", "x-seatrial-version")
VERSION_FIELDS = (b'"model_version":', b'"version":')
MAX_TOLD_CHARS = 300


@dataclass(frozen=True, slots=True)
class Protocol:
    """One way to ask.

    Attributes:
        path: the route to POST to; `{model}` stands for the model's name.
        value: model name and texts → the body as a JSON value.
    """

    path: str
    value: Callable[[str, Sequence[str]], Any]


def _inputs(_model: str, texts: Sequence[str]) -> Any:
    return {"inputs": texts[0] if len(texts) == 1 else list(texts)}


def _v2(_model: str, texts: Sequence[str]) -> Any:
    return {"inputs": [{"name": "text", "shape": [len(texts)], "datatype": "BYTES", "data": list(texts)}]}


def _openai(model: str, texts: Sequence[str]) -> Any:
    return {"model": model, "input": list(texts)}


PROTOCOLS = {
    "predict": Protocol("/v1/predict", _inputs),
    "v2": Protocol("/v2/models/{model}/infer", _v2),
    "openai-embeddings": Protocol("/v1/embeddings", _openai),
    "openai-moderations": Protocol("/v1/moderations", _openai),
    "tei-predict": Protocol("/predict", _inputs),
    "tei-embed": Protocol("/embed", _inputs),
}


def bodies(protocol: Protocol, model: str, texts: Sequence[str], batch: int) -> list[bytes]:
    """One JSON body per `batch` texts in order; the last one is filled up from the start.

    Args:
        protocol: a row of `PROTOCOLS`.
        model: the model's name, where the protocol sends one.
        texts: at least one.
        batch: texts per request, at least 1.
    """
    groups = [[texts[(start + i) % len(texts)] for i in range(batch)] for start in range(0, len(texts), batch)]
    return [json.dumps(protocol.value(model, group)).encode() for group in groups]


def version_of(reply: Reply) -> str | None:
    """The model version that an answer names in a header or its body, found without parsing the JSON."""
    for name in VERSION_HEADERS:
        if value := reply.header(name):
            return value
    for mark in VERSION_FIELDS:
        place = reply.body.rfind(mark)
        if place >= 0:
            start = reply.body.find(b'"', place + len(mark))
            end = reply.body.find(b'"', start + 1)
            if 0 <= start < end:
                return reply.body[start + 1 : end].decode(errors="replace")
    return None


def refusal_of(reply: Reply) -> str:
    """What a refusal says in its body, with its hint, in one sentence; empty where no message is found."""
    try:
        value = json.loads(reply.body)
    except (ValueError, RecursionError):
        return ""
    for _ in range(2):  # {"error": {"message": …, "hint": …}}, {"error": "…"}, {"message": …}, {"detail": …}
        if isinstance(value, dict):
            hint = value.get("hint")
            value = next((value[name] for name in ("error", "message", "detail") if name in value), None)
            if isinstance(value, str):
                told = f"{value}; {hint}" if isinstance(hint, str) else value
                shown = filter(str.isprintable, " ".join(told.split()))  # it may reach a terminal
                return "".join(shown)[:MAX_TOLD_CHARS]
    return ""
