"""The routes of Hugging Face's text-embeddings-inference: `/embed`, `/predict` and `/info`.

They answer from the first model that gives what the route is for; this protocol has no place for a model's name.
Refuses to know: models and batches.

Source: https://github.com/huggingface/text-embeddings-inference, docs/openapi.json
"""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from seatrial.errors import RequestError
from seatrial.serve.access import Access
from seatrial.serve.call import Call
from seatrial.serve.handlers import Handlers, type_name
from seatrial.serve.http.answers import json_response, model_headers, read_object
from seatrial.serve.http.door import unless_client_leaves
from seatrial.serve.http.errors import BODIES, ELSEWHERE, STATUSES
from seatrial.serve.http.fields import flag, one_of, only, whole
from seatrial.serve.http.protocols import embeddings_inference_schema as schema
from seatrial.serve.http.routes import Route
from seatrial.serve.prediction import Prediction
from seatrial.serve.refusals import Refusal
from seatrial.serve.served import ServedModel
from seatrial.serve.settings import ServeSettings

__all__ = ["embeddings_inference_routes"]

PROTOCOL = "embeddings-inference"
HINT = 'send {"inputs": "a text"}'
BATCH_HINT = 'send a text, or [["a text"], ["another"]] for several'
CUT_FIELDS = ("truncate", "truncation_direction")
EMBED_FIELDS = ("inputs", "normalize", "prompt_name", "dimensions", *CUT_FIELDS)
PREDICT_FIELDS = ("inputs", "raw_scores", "parameters", *CUT_FIELDS)
KINDS = {404: "Backend", 429: "Overloaded", 500: "Backend", 503: "Overloaded"}
"""Status → the protocol's name of the error; any other is the client's: Validation."""


def _error(refusal: Refusal) -> dict[str, Any]:
    return {"error": refusal.told, "error_type": KINDS.get(refusal.status, "Validation")}


BODIES[PROTOCOL] = _error
STATUSES[PROTOCOL] = {404: 424}  # without a model's name, only "no model here gives this" is ever not found
ELSEWHERE[PROTOCOL] = ("/decode", "/embed_all", "/embed_sparse", "/rerank", "/similarity", "/tokenize")


def embeddings_inference_routes(handlers: Handlers, settings: ServeSettings) -> list[Route]:
    """Embeddings, labels, and what answers."""
    return [_embed_route(handlers, settings), _predict_route(handlers, settings), _info_route(handlers, settings)]


def _embed_route(handlers: Handlers, settings: ServeSettings) -> Route:
    async def embed(request: Request, call: Call) -> Response:
        body = await read_object(request, settings, hint=HINT)
        only(body, EMBED_FIELDS, required="inputs", hint=HINT)
        _refuse_unless_default(body, "prompt_name")
        if not flag(body, "normalize", True):
            raise RequestError("embeddings of this service have length 1", hint="send normalize as true, or leave it")
        served, whole_texts = handlers.catalog.find(output="embedding"), _whole_texts(body)
        if whole(body, "dimensions") not in (None, served.release.width):
            raise RequestError(f"embeddings of this model have {served.release.width} dimensions", hint="send that")
        work = handlers.predict.predict(call, body["inputs"], output="embedding")
        prediction = await unless_client_leaves(request, work)
        if whole_texts:
            await _refuse_cut(prediction, body["inputs"])
        return json_response([row.tolist() for row in prediction.outputs], model_headers(prediction))

    return Route(
        "POST",
        "/embed",
        embed,
        Access.PREDICT,
        PROTOCOL,
        summary="text-embeddings-inference: embeddings",
        responses=schema.responses(schema.EMBEDDINGS, "One embedding per text", *schema.REFUSED),
        body=schema.embed_request(settings),
    )


def _predict_route(handlers: Handlers, settings: ServeSettings) -> Route:
    async def predict(request: Request, call: Call) -> Response:
        body = await read_object(request, settings, hint=HINT)
        only(body, PREDICT_FIELDS, required="inputs", hint=HINT)
        _refuse_unless_default(body, "parameters")
        if flag(body, "raw_scores", False):
            raise RequestError("this service gives probabilities only", hint="send raw_scores as false, or leave it")
        whole_texts, texts = _whole_texts(body), _batch(body["inputs"])
        prediction = await unless_client_leaves(request, handlers.predict.predict(call, texts, output="scores"))
        if whole_texts:
            await _refuse_cut(prediction, texts)
        ranked = [_ranked(row.tolist(), prediction.release.labels) for row in prediction.outputs]
        return json_response(ranked[0] if isinstance(texts, str) else ranked, model_headers(prediction))

    return Route(
        "POST",
        "/predict",
        predict,
        Access.PREDICT,
        PROTOCOL,
        summary="text-embeddings-inference: labels",
        responses=schema.responses(schema.PREDICTIONS, "Labels, the most probable first", *schema.REFUSED),
        body=schema.predict_request(settings),
    )


def _info_route(handlers: Handlers, settings: ServeSettings) -> Route:
    async def info(_: Request, __: Call) -> Response:
        return json_response(_info(handlers.catalog.find(), settings))

    return Route(
        "GET",
        "/info",
        info,
        Access.PREDICT,
        PROTOCOL,
        summary="text-embeddings-inference: what answers",
        responses=schema.responses(schema.Info, "The default model and the limits", 400, 401, 403, 429),
    )


def _refuse_unless_default(body: dict[str, Any], name: str) -> None:
    """Refuse a setting that would change the answer and that no model here has; an empty one changes nothing."""
    if body.get(name) not in (None, {}):
        raise RequestError(f"there is no {name} here", hint=f"leave {name} out")


def _whole_texts(body: dict[str, Any]) -> bool:
    """Whether the client wants texts that are too long refused, not cut."""
    if one_of(body, "truncation_direction", schema.DIRECTIONS, "Right") == "Left":
        raise RequestError("texts are cut at their end only", hint="leave truncation_direction out")
    return not flag(body, "truncate", True)


async def _refuse_cut(prediction: Prediction, inputs: object) -> None:
    """Refuse texts that fill the model wholly, because they have probably been cut.

    The answers are there by then: only who forbids cutting pays for it, and only with texts that are too long.
    """
    texts = [inputs] if isinstance(inputs, str) else inputs
    assert isinstance(texts, list)
    remembered = [text for text, tokens in zip(texts, prediction.tokens, strict=True) if not tokens]
    counted = iter((await asyncio.to_thread(prediction.read, remembered)).lengths if remembered else ())
    most = prediction.release.max_length
    for index, tokens in enumerate(prediction.tokens):
        if (tokens or next(counted)) >= most:  # the cache keeps no numbers of tokens
            raise RequestError(
                f"inputs[{index}] fills the model's {most} tokens", hint="send a shorter text, or truncate as true"
            )


def _batch(inputs: object) -> object:
    """The texts among [["a"], ["b"]]; a text as it is."""
    if not isinstance(inputs, list):
        return inputs
    for index, item in enumerate(inputs):
        if not isinstance(item, list):
            raise RequestError(f"inputs[{index}] is {_kind(item)}, not a list of one text", hint=BATCH_HINT)
        if len(item) != 1:
            raise RequestError(f"inputs[{index}] holds {len(item)} texts, not one", hint=BATCH_HINT)
    return [item[0] for item in inputs]


def _kind(value: object) -> str:
    return "a text" if isinstance(value, str) else type_name(value)


def _ranked(scores: list[float], labels: tuple[str, ...]) -> list[dict[str, Any]]:
    pairs = sorted(zip(scores, labels, strict=True), key=lambda pair: -pair[0])
    return [{"score": score, "label": label} for score, label in pairs]


def _info(served: ServedModel, settings: ServeSettings) -> dict[str, Any]:
    release = served.release
    if served.engine.output_name == "embedding":
        kind: dict[str, Any] = {"embedding": {"pooling": "mean"}}
    else:
        names = {str(index): label for index, label in enumerate(release.labels)}
        kind = {"classifier": {"id2label": names, "label2id": {label: int(i) for i, label in names.items()}}}
    return {
        "model_id": release.name,
        "model_sha": release.version,
        "model_type": kind,
        "max_concurrent_requests": settings.max_connections,
        "max_input_length": release.max_length,
        "max_batch_tokens": settings.max_batch_tokens,
        "max_batch_requests": settings.max_batch_items,
        "max_client_batch_size": settings.max_texts,
        "auto_truncate": True,
    }
