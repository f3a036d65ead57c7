"""The shapes of text-embeddings-inference's protocol, as far as it is offered here, for the OpenAPI description.

Refuses to know: validation; `embeddings_inference` checks requests itself, because its messages say what to send.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from seatrial.serve.http.fields import object_schema, optional, texts_schema
from seatrial.serve.settings import ServeSettings

__all__ = [
    "DIRECTIONS",
    "EMBEDDINGS",
    "PREDICTIONS",
    "REFUSED",
    "InferenceError",
    "Info",
    "Scored",
    "embed_request",
    "predict_request",
    "responses",
]

DIRECTIONS = ("Right", "Left")
REFUSALS = {
    400: "Not UTF-8 or not JSON",
    401: "No key, or none that is valid",
    403: "The key lacks the scope",
    408: "The body took too long to arrive",
    413: "Body too large",
    415: "Not application/json",
    422: "JSON of another shape, or an unusable text",
    424: "No model here gives this",
    429: "The key's own rate is used up; try again after Retry-After seconds",
    503: "Busy; try again after Retry-After seconds",
}
REFUSED = tuple(REFUSALS)


class InferenceError(BaseModel):
    """The body of every refusal."""

    error: str
    error_type: Literal["Validation", "Overloaded", "Backend"]


class Scored(BaseModel):
    """A label and its probability."""

    score: float
    label: str


class Classifier(BaseModel):
    """The labels by number, and the other way round."""

    id2label: dict[str, str]
    label2id: dict[str, int]


class ClassifierKind(BaseModel):
    """A model that gives labels."""

    classifier: Classifier


class Pooling(BaseModel):
    """How one vector is made of a text's tokens."""

    pooling: Literal["mean"]


class EmbeddingKind(BaseModel):
    """A model that gives embeddings."""

    embedding: Pooling


class Info(BaseModel):
    """What `GET /info` gives."""

    model_id: str
    model_sha: str = Field(description="First digits of the release's digest")
    model_type: ClassifierKind | EmbeddingKind
    max_concurrent_requests: int
    max_input_length: int = Field(description="Longest text in tokens; longer ones are cut")
    max_batch_tokens: int
    max_batch_requests: int
    max_client_batch_size: int = Field(description="Texts in one request, at most")
    auto_truncate: bool


EMBEDDINGS = list[list[float]]
PREDICTIONS = list[Scored] | list[list[Scored]]


def responses(model: Any, description: str, *refused: int) -> dict[int | str, dict[str, Any]]:
    """The answer and the refusals of a route."""
    return {
        200: {"description": description, "model": model},
        **{status: {"description": REFUSALS[status], "model": InferenceError} for status in refused},
    }


def _cutting() -> dict[str, Any]:
    """Fields that say what becomes of texts that are too long."""
    return {
        "truncate": optional({"type": "boolean"}, "False refuses texts that are too long; left out, they are cut"),
        "truncation_direction": optional({"const": "Right"}, "Texts are cut at their end"),
    }


def embed_request(settings: ServeSettings) -> dict[str, Any]:
    """The schema of a request for embeddings."""
    return object_schema(
        {
            "inputs": texts_schema(settings.max_texts, settings.max_text_chars),
            "normalize": optional({"const": True}, "Embeddings here have length 1"),
            "dimensions": optional({"type": "integer", "minimum": 1}, "The model's own number, or left out"),
            "prompt_name": {"type": "null", "description": "No model here has prompts"},
            **_cutting(),
        },
        required="inputs",
    )


def predict_request(settings: ServeSettings) -> dict[str, Any]:
    """The schema of a request for labels."""
    text = {"type": "string", "minLength": 1, "maxLength": settings.max_text_chars}
    alone = {"type": "array", "items": text, "minItems": 1, "maxItems": 1}
    several = {"type": "array", "items": alone, "minItems": 1, "maxItems": settings.max_texts}
    return object_schema(
        {
            "inputs": {"anyOf": [text, several], "description": 'One text, or [["a text"], ["another"]]'},
            "raw_scores": optional({"const": False}, "Only probabilities are given"),
            "parameters": optional({"type": "object", "maxProperties": 0}, "Sent empty by some clients"),
            **_cutting(),
        },
        required="inputs",
    )
