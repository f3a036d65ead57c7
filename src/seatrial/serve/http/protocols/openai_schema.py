"""The shapes of OpenAI's protocol, as far as it is offered here, for the OpenAPI description.

Refuses to know: validation; `openai` checks requests itself, because its messages say what to send.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from seatrial.serve.http.fields import object_schema, optional, texts_schema
from seatrial.serve.settings import ServeSettings

__all__ = [
    "MODEL_PARAMETER",
    "REFUSED",
    "Embeddings",
    "Model",
    "Models",
    "Moderations",
    "OpenAIError",
    "embeddings_request",
    "moderations_request",
    "responses",
]

MODEL = optional({"type": "string"}, "NAME or NAME@VERSION; left out, the first model that can answers")
MODEL_PARAMETER = {
    "name": "model",
    "in": "path",
    "required": True,
    "description": "NAME or NAME@VERSION",
    "schema": {"type": "string", "minLength": 1},
}
REFUSALS = {
    400: "Not JSON, JSON of another shape, or an unusable text",
    401: "No key, or none that is valid",
    403: "The key lacks the scope",
    404: "No such model or version",
    408: "The body took too long to arrive",
    413: "Body too large",
    415: "Not application/json",
    429: "The key's own rate is used up; try again after Retry-After seconds",
    503: "Busy; try again after Retry-After seconds",
}
REFUSED = tuple(REFUSALS)


class OpenAIErrorDetail(BaseModel):
    """What went wrong, in OpenAI's words."""

    message: str
    type: str
    param: str | None
    code: str | None


class OpenAIError(BaseModel):
    """The body of every refusal."""

    error: OpenAIErrorDetail


class Model(BaseModel):
    """One model."""

    id: str = Field(description="NAME or NAME@VERSION, as a request names it")
    object: Literal["model"]
    created: int = Field(description="When the release was written, in seconds since 1970; 0 where that is not known")
    owned_by: str


class Models(BaseModel):
    """All of them."""

    object: Literal["list"]
    data: list[Model]


class OneEmbedding(BaseModel):
    """The embedding of one text."""

    object: Literal["embedding"]
    index: int
    embedding: list[float] | str = Field(description="Numbers, or little-endian float32 in base64")


class Usage(BaseModel):
    """Tokens that the model read; texts that the cache answered count as 0."""

    prompt_tokens: int
    total_tokens: int


class Embeddings(BaseModel):
    """What `POST /v1/embeddings` gives."""

    object: Literal["list"]
    data: list[OneEmbedding]
    model: str
    usage: Usage


class Moderation(BaseModel):
    """What became of one text."""

    flagged: bool = Field(description="Whether its label is one of the service's flagged labels")
    categories: dict[str, bool] = Field(description="Every label; true for the one that the text got")
    category_scores: dict[str, float] = Field(description="The probability of every label")
    category_applied_input_types: dict[str, list[Literal["text"]]]


class Moderations(BaseModel):
    """What `POST /v1/moderations` gives."""

    id: str
    model: str
    results: list[Moderation]


def responses(model: type[BaseModel], description: str, *refused: int) -> dict[int | str, dict[str, Any]]:
    """The answer and the refusals of a route."""
    return {
        200: {"description": description, "model": model},
        **{status: {"description": REFUSALS[status], "model": OpenAIError} for status in refused},
    }


def embeddings_request(settings: ServeSettings) -> dict[str, Any]:
    """The schema of a request for embeddings."""
    return object_schema(
        {
            "input": texts_schema(settings.max_texts, settings.max_text_chars),
            "model": MODEL,
            "encoding_format": optional({"enum": ["float", "base64"]}, "Left out: float"),
            "dimensions": optional({"type": "integer", "minimum": 1}, "The model's own number, or left out"),
            "user": optional({"type": "string"}, "Ignored"),
        },
        required="input",
    )


def moderations_request(settings: ServeSettings) -> dict[str, Any]:
    """The schema of a request for classification."""
    text = {"type": "string", "minLength": 1, "maxLength": settings.max_text_chars}
    part = {
        "type": "object",
        "properties": {"type": {"const": "text"}, "text": text},
        "required": ["type", "text"],
        "additionalProperties": False,
    }
    several = {"type": "array", "items": text, "minItems": 1, "maxItems": settings.max_texts}
    parts = {"type": "array", "items": part, "minItems": 1, "maxItems": 1}
    what = "One text, a list of texts, each of which gets a result, or one text in a part"
    inputs = {"anyOf": [text, several, parts], "description": what}
    return object_schema({"input": inputs, "model": MODEL}, required="input")
