"""The shapes of requests and answers, as the OpenAPI page documents them.

Refuses to know: validation. The handlers check requests themselves, because their messages say what to send.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["ErrorBody", "ModelInfo", "PredictRequest", "PredictResponse"]


class PredictRequest(BaseModel):
    """What `POST /v1/predict` takes."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"inputs": "What a lovely day"}]})

    inputs: str | list[str] = Field(description="One text, or a list of texts")


class PredictResponse(BaseModel):
    """What `POST /v1/predict` gives."""

    model: str = Field(description="Name of the release")
    version: str = Field(description="First digits of the release's digest")
    predictions: list[dict[str, Any]] = Field(description="One answer per text, in order: label, score, scores")
    latency_ms: float = Field(description="Time inside the service")


class ModelInfo(BaseModel):
    """What `GET /v1/model` gives."""

    name: str
    version: str
    task: str
    labels: list[str]
    max_length: int = Field(description="Longest input in tokens; longer ones are cut")
    max_texts: int = Field(description="Texts in one request, at most")
    examples: list[str]


class ErrorDetail(BaseModel):
    """What went wrong and what to do."""

    message: str
    hint: str | None = None


class ErrorBody(BaseModel):
    """The body of every answer with status 4xx or 5xx."""

    error: ErrorDetail
