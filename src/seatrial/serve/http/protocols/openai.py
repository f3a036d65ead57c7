"""OpenAI's protocol: the models, embeddings, and classification in the shape of its moderations.

A refusal has OpenAI's shape, and 400 where Seatrial's own protocol says 422, so that the `openai` client raises the
exceptions that its users expect. `openai_chat` has the routes that generate. Refuses to know: models and batches.

Source: https://platform.openai.com/docs/api-reference
"""

from __future__ import annotations

import base64
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from seatrial.errors import RequestError
from seatrial.serve.access import Access
from seatrial.serve.call import Call
from seatrial.serve.handlers import Handlers
from seatrial.serve.http.answers import json_response, model_headers, read_object
from seatrial.serve.http.door import unless_client_leaves
from seatrial.serve.http.errors import BODIES, ELSEWHERE, NO_ROUTE, STATUSES
from seatrial.serve.http.fields import one_of, only, optional_text, whole
from seatrial.serve.http.protocols import openai_schema as schema
from seatrial.serve.http.routes import Route
from seatrial.serve.in_service import InService
from seatrial.serve.prediction import Prediction
from seatrial.serve.refusals import Refusal
from seatrial.serve.served import ServedModel
from seatrial.serve.settings import ServeSettings

__all__ = ["PROTOCOL", "name_and_version", "openai_routes"]

PROTOCOL = "openai"
EMBEDDINGS_HINT = 'send {"input": "a text", "model": "NAME"}'
MODERATIONS_HINT = 'send {"input": "a text"}'
EMBEDDING_FIELDS = ("input", "model", "encoding_format", "dimensions", "user")
MODERATION_FIELDS = ("input", "model")

INVALID, SERVER = "invalid_request_error", "server_error"
KINDS = {
    401: (INVALID, "invalid_api_key"),
    403: (INVALID, "insufficient_permissions"),
    404: (INVALID, "model_not_found"),
    429: ("requests", "rate_limit_exceeded"),
    500: (SERVER, None),
    503: (SERVER, "overloaded"),
}
"""Status → OpenAI's type and code; any other is an invalid request without a code."""


def _error(refusal: Refusal) -> dict[str, Any]:
    kind, code = KINDS.get(refusal.status, (INVALID, None))
    param = "model" if refusal.status == 404 else None
    if refusal.reason == NO_ROUTE:
        code, param = "unknown_url", None
    return {"error": {"message": refusal.told, "type": kind, "param": param, "code": code}}


BODIES[PROTOCOL] = _error
STATUSES[PROTOCOL] = {422: 400}
ELSEWHERE[PROTOCOL] = tuple(
    f"/v1/{resource}"
    for resource in (
        *("assistants", "audio", "batches", "chat", "containers", "conversations", "evals", "files"),
        *("fine_tuning", "images", "realtime", "responses", "threads", "uploads", "vector_stores", "videos"),
    )
)


def openai_routes(handlers: Handlers, settings: ServeSettings) -> list[Route]:
    """Models, embeddings and moderations."""
    return [*_models_routes(handlers), _embeddings_route(handlers, settings), _moderations_route(handlers, settings)]


def _models_routes(handlers: Handlers) -> list[Route]:
    async def models(_: Request, __: Call) -> Response:
        data = [_model(name, served) for name, served in _offered(handlers)]
        return json_response({"object": "list", "data": data})

    async def model(request: Request, _: Call) -> Response:
        wanted = request.path_params["model"]
        name, version = name_and_version(handlers, wanted)
        return json_response(_model(wanted, handlers.catalog.find_any(name, version)))

    return [
        Route(
            "GET",
            "/v1/models",
            models,
            Access.PREDICT,
            PROTOCOL,
            summary="OpenAI: the models",
            responses=schema.responses(schema.Models, "All models and versions", 400, 401, 403, 429),
        ),
        Route(
            "GET",
            "/v1/models/{model:path}",
            model,
            Access.PREDICT,
            PROTOCOL,
            summary="OpenAI: one model",
            responses=schema.responses(schema.Model, "The model", 400, 401, 403, 404, 429),
            parameters=(schema.MODEL_PARAMETER,),
        ),
    ]


def _embeddings_route(handlers: Handlers, settings: ServeSettings) -> Route:
    async def embeddings(request: Request, call: Call) -> Response:
        body = await read_object(request, settings, hint=EMBEDDINGS_HINT)
        only(body, EMBEDDING_FIELDS, required="input", hint=EMBEDDINGS_HINT)
        optional_text(body, "user")
        encoding = one_of(body, "encoding_format", ("float", "base64"), "float")
        name, version = name_and_version(handlers, optional_text(body, "model"))
        _check_tokens(body["input"])
        _check_dimensions(whole(body, "dimensions"), handlers.catalog.find(name, version, "embedding"))
        work = handlers.predict.predict(
            call, body["input"], model=name, version=version, output="embedding", where="input"
        )
        prediction = await unless_client_leaves(request, work)
        return json_response(_embeddings(prediction, encoding), model_headers(prediction))

    return Route(
        "POST",
        "/v1/embeddings",
        embeddings,
        Access.PREDICT,
        PROTOCOL,
        summary="OpenAI: embeddings",
        responses=schema.responses(schema.Embeddings, "One embedding per text", *schema.REFUSED),
        body=schema.embeddings_request(settings),
    )


def _moderations_route(handlers: Handlers, settings: ServeSettings) -> Route:
    flagged = frozenset(settings.flagged_labels)

    async def moderations(request: Request, call: Call) -> Response:
        body = await read_object(request, settings, hint=MODERATIONS_HINT)
        only(body, MODERATION_FIELDS, required="input", hint=MODERATIONS_HINT)
        name, version = name_and_version(handlers, optional_text(body, "model"))
        work = handlers.predict.predict(
            call, _texts(body["input"]), model=name, version=version, output="scores", where="input"
        )
        prediction = await unless_client_leaves(request, work)
        results = [_moderation(row.tolist(), prediction.release.labels, flagged) for row in prediction.outputs]
        answer = {"id": f"modr-{call.request_id}", "model": prediction.release.name, "results": results}
        return json_response(answer, model_headers(prediction))

    return Route(
        "POST",
        "/v1/moderations",
        moderations,
        Access.PREDICT,
        PROTOCOL,
        summary="OpenAI: classification in the shape of moderations",
        responses=schema.responses(schema.Moderations, "One result per text", *schema.REFUSED),
        body=schema.moderations_request(settings),
    )


def name_and_version(handlers: Handlers, model: str | None) -> tuple[str | None, str | None]:
    """`NAME` or `NAME@VERSION`, taken apart."""
    if model is None or handlers.catalog.versions(model):
        return model, None
    name, at, version = model.rpartition("@")
    return (name, version) if at and version else (model, None)


def _offered(handlers: Handlers) -> list[tuple[str, InService]]:
    """Every id that a request may name: each model, and each of its versions where there are several."""
    catalog = handlers.catalog
    names = [(model.release.name, model) for model in catalog.current]
    versions = [
        (f"{name}@{version}", catalog.find_any(name, version))
        for name, _ in names
        for version in catalog.versions(name)
        if len(catalog.versions(name)) > 1
    ]
    return names + versions


def _model(name: str, served: InService) -> dict[str, Any]:
    manifest = served.release.path / "manifest.json"
    created = int(manifest.stat().st_mtime) if manifest.is_file() else 0
    return {"id": name, "object": "model", "created": created, "owned_by": "seatrial"}


def _check_tokens(value: object) -> None:
    """Refuse tokens, which some clients send in the place of texts: they are of another model's tokenizer."""
    first = value[0] if isinstance(value, list) and value else None
    if isinstance(first, list):
        first = first[0] if first else 0
    if isinstance(first, int) and not isinstance(first, bool):
        raise RequestError(
            "input holds token numbers", hint="send the texts themselves; this model has a tokenizer of its own"
        )


def _check_dimensions(wanted: int | None, served: ServedModel) -> None:
    width = served.release.width
    if wanted is not None and wanted != width:
        raise RequestError(
            f"this model's embeddings have {width} dimensions", hint=f"send {width}, or leave dimensions out"
        )


def _texts(value: object) -> object:
    """The text in a list of parts, {"type": "text", "text": …}; anything else as it is.

    In OpenAI's protocol a list of parts is one input with one result, unlike a list of texts.
    """
    if not isinstance(value, list) or not any(isinstance(item, dict) for item in value):
        return value
    if len(value) > 1:
        raise RequestError(
            "input is in several parts", hint='send one part, or several texts as a list: ["a text", "another"]'
        )
    (part,) = value
    if part.get("type") != "text" or set(part) != {"type", "text"}:
        raise RequestError("input[0] is no text", hint='send {"type": "text", "text": "a text"}')
    return [part["text"]]


def _embeddings(prediction: Prediction, encoding: str) -> dict[str, Any]:
    tokens = sum(prediction.tokens)
    rows = [
        base64.b64encode(row.astype("<f4").tobytes()).decode() if encoding == "base64" else row.tolist()
        for row in prediction.outputs
    ]
    return {
        "object": "list",
        "data": [{"object": "embedding", "index": index, "embedding": row} for index, row in enumerate(rows)],
        "model": prediction.release.name,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }


def _moderation(scores: list[float], labels: tuple[str, ...], flagged: frozenset[str]) -> dict[str, Any]:
    """One text's result; its categories are the labels, and the most probable one is true."""
    best = labels[max(range(len(labels)), key=scores.__getitem__)]
    return {
        "flagged": best in flagged,
        "categories": {label: label == best for label in labels},
        "category_scores": dict(zip(labels, scores, strict=True)),
        "category_applied_input_types": {label: ["text"] for label in labels},
    }
