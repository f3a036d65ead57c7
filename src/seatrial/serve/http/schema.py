"""The shapes of requests and answers, as the OpenAPI page documents them.

Refuses to know: validation. The handlers check requests themselves, because their messages say what to send.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "ErrorBody",
    "ModelInfo",
    "ModelList",
    "PredictRequest",
    "PredictResponse",
    "ReloadList",
    "ReloadedModel",
]


class PredictRequest(BaseModel):
    """What `POST /v1/predict` takes."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"inputs": "What a lovely day"}]})

    inputs: str | list[str] = Field(description="One text, or a list of texts")
    model: str | None = Field(None, description="Name of a served model; left out, the default one answers")
    version: str | None = Field(None, description="One of its versions; left out, the current one answers")


class PredictResponse(BaseModel):
    """What `POST /v1/predict` gives."""

    model: str = Field(description="Name of the release")
    version: str = Field(description="First digits of the release's digest")
    predictions: list[dict[str, Any]] = Field(
        description="One answer per text, in order: label, score and scores, or embedding, or entities"
    )
    latency_ms: float = Field(description="Time inside the service")
    timings: dict[str, float] = Field(description="Of this, by step: tokenize_ms, queue_ms, compute_ms")
    cached: int = Field(description="How many of the answers were given before and remembered")


class ModelInfo(BaseModel):
    """What `GET /v1/model` gives."""

    name: str
    version: str
    versions: list[str] = Field(description="All versions that answer when they are named, the current one last")
    task: str
    output: str = Field(description="What it gives: scores, embedding, entities or text")
    labels: list[str]
    max_length: int = Field(
        description="Longest input in tokens; longer ones are cut, or refused by a model that gives text"
    )
    max_texts: int = Field(description="Texts in one request, at most")
    examples: list[str]


class ModelList(BaseModel):
    """What `GET /v1/served` gives."""

    models: list[ModelInfo] = Field(description="The current version of each model, the default model first")


class ReloadedModel(BaseModel):
    """What became of one model."""

    name: str
    version: str = Field(description="What answers now")
    previous: str = Field(description="What answered before")
    outcome: str = Field(description="swapped, unchanged or refused")
    message: str | None = Field(description="Why the new release was refused")


class ReloadList(BaseModel):
    """What `POST /v1/admin/reload` gives."""

    models: list[ReloadedModel]


class ErrorDetail(BaseModel):
    """What went wrong and what to do."""

    message: str
    hint: str | None = None


class ErrorBody(BaseModel):
    """The body of every answer with status 4xx or 5xx."""

    error: ErrorDetail
