"""The doors of the service over HTTP: how each protocol wraps a text, spells a refusal and says the label.

Refuses to know: which inputs are good.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

__all__ = ["DOORS", "EMBEDDINGS", "HTTP", "JSON", "MODEL", "Door", "own_refusal", "request"]

JSON = b"application/json"
Labelled = tuple[str, float]
MODEL = "trial"
"""The name that `releases` gives."""


@dataclass(frozen=True, slots=True)
class Door:
    """One protocol's route for predictions.

    Attributes:
        path: of the route.
        one: a text in JSON → the body.
        several: texts in JSON → the body.
        label: an answer's JSON → label and score of its first text.
        refusal: whether a JSON value is a refusal as this protocol spells it.
        statuses: Seatrial's own status → the protocol's, where that is another one.
    """

    name: str
    path: str
    one: Callable[[str], str]
    several: Callable[[Sequence[str]], str]
    label: Callable[[Any], Labelled]
    refusal: Callable[[Any], bool]
    statuses: Mapping[int, int] = field(default_factory=dict)

    def status(self, own: int) -> int:
        """What this protocol says where Seatrial's own one says `own`."""
        return self.statuses.get(own, own)


def _has(fields: Mapping[str, type | tuple[type, ...]]) -> Callable[[Any], bool]:
    """Whether a value is an object with exactly these fields, of these types."""

    def matches(value: Any) -> bool:
        return (
            isinstance(value, dict)
            and set(value) == set(fields)
            and all(isinstance(value[name], kind) for name, kind in fields.items())
        )

    return matches


def own_refusal(value: Any) -> bool:
    """Whether it is a refusal in Seatrial's own shape, which is also that of a request that belongs to no protocol."""
    if not isinstance(value, dict) or set(value) != {"error"}:
        return False
    return _has({"message": str, "hint": str})(value["error"]) or _has({"message": str})(value["error"])


def _openai_refusal(value: Any) -> bool:
    optional = (str, type(None))
    detail = _has({"message": str, "type": str, "param": optional, "code": optional})
    return isinstance(value, dict) and set(value) == {"error"} and detail(value["error"])


def _listed(name: str) -> Callable[[Sequence[str]], str]:
    return lambda texts: f'{{"{name}": [{", ".join(texts)}]}}'


def _wrapped(name: str) -> Callable[[str], str]:
    return lambda text: f'{{"{name}": {text}}}'


def _tensor(texts: Sequence[str]) -> str:
    shape = f'"name": "text", "datatype": "BYTES", "shape": [{len(texts)}]'
    return f'{{"inputs": [{{{shape}, "data": [{", ".join(texts)}]}}]}}'


def _of_tensors(answer: Any) -> Labelled:
    first = {output["name"]: output["data"][0] for output in answer["outputs"]}
    return first["label"], first["score"]


def _of_categories(answer: Any) -> Labelled:
    result = answer["results"][0]
    label = next(label for label, chosen in result["categories"].items() if chosen)
    return label, result["category_scores"][label]


def _of_list(answer: Any) -> Labelled:
    best = answer[0][0] if isinstance(answer[0], list) else answer[0]
    return best["label"], best["score"]


HTTP = (
    Door(
        "REST",
        "/v1/predict",
        _wrapped("inputs"),
        _listed("inputs"),
        lambda answer: _of_list(answer["predictions"]),
        own_refusal,
    ),
    Door(
        "v2",
        f"/v2/models/{MODEL}/infer",
        lambda text: _tensor([text]),
        _tensor,
        _of_tensors,
        _has({"error": str}),
        {422: 400},
    ),
    Door(
        "OpenAI",
        "/v1/moderations",
        _wrapped("input"),
        _listed("input"),
        _of_categories,
        _openai_refusal,
        {422: 400},
    ),
    Door(
        "TEI",
        "/predict",
        _wrapped("inputs"),
        lambda texts: f'{{"inputs": [{", ".join(f"[{text}]" for text in texts)}]}}',
        _of_list,
        _has({"error": str, "error_type": str}),
    ),
    Door("SageMaker", "/invocations", _wrapped("inputs"), _listed("inputs"), _of_list, own_refusal),
)
DOORS = {door.name: door for door in HTTP}
EMBEDDINGS = replace(DOORS["OpenAI"], name="embeddings", path="/v1/embeddings")
"""OpenAI's other route, of which a service of labels knows only refusals."""


def request(
    door: Door,
    body: bytes | None = None,
    *lines: bytes,
    first: bytes | None = None,
    kind: bytes | None = JSON,
    length: bytes | None = b"",
    host: bytes | None = b"localhost",
) -> bytes:
    """A request to a door, good as long as nothing is said.

    Args:
        door: which.
        body: None sends a good text.
        lines: further header lines.
        first: the request line in the place of the right one.
        kind: the media type; None says nothing.
        length: the content's length as it is said; empty takes the right one, None says nothing.
        host: None sends no Host.
    """
    body = door.one(json.dumps("What a lovely day")).encode() if body is None else body
    head = [b"POST %s HTTP/1.1" % door.path.encode() if first is None else first]
    head += [] if host is None else [b"Host: " + host]
    head += [] if kind is None else [b"Content-Type: " + kind]
    head += [] if length is None else [b"Content-Length: " + (length or b"%d" % len(body))]
    return b"\r\n".join([*head, *lines, b"", body])
