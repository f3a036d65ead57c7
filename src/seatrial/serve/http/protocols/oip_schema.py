"""The shapes of the Open Inference Protocol over REST, for the OpenAPI description.

Refuses to know: validation; `serve.oip.protocol` checks requests itself, because its messages say what to send.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from seatrial.serve.http.fields import optional
from seatrial.serve.settings import ServeSettings

__all__ = [
    "INFER",
    "LENGTH_PARAMETER",
    "LIVE",
    "MODEL",
    "MODEL_PATHS",
    "MODEL_READY",
    "READY",
    "SERVER",
    "OIPError",
    "infer_request",
]

REFUSALS = {
    400: "Not what this protocol sends, or an unusable text",
    401: "No key, or none that is valid",
    403: "The key lacks the scope",
    404: "No such model or version",
    408: "The body took too long to arrive",
    413: "Body too large",
    415: "The body is neither JSON nor binary",
    429: "The key's own rate is used up; try again after Retry-After seconds",
    503: "Busy or stopping; try again after Retry-After seconds",
}


class OIPError(BaseModel):
    """The body of every refusal."""

    error: str


class Live(BaseModel):
    """What `GET /v2/health/live` gives."""

    live: bool


class Ready(BaseModel):
    """What `GET /v2/health/ready` gives."""

    ready: bool


class Server(BaseModel):
    """What `GET /v2` gives."""

    name: str
    version: str = Field(description="Of the protocol")
    extensions: list[str]


class Tensor(BaseModel):
    """What a model takes or gives."""

    name: str
    datatype: str
    shape: list[int] = Field(description="-1 is any number")


class Model(BaseModel):
    """What `GET /v2/models/{model}` gives."""

    name: str
    versions: list[str] = Field(description="All that answer when they are named, the current one last")
    platform: str
    inputs: list[Tensor]
    outputs: list[Tensor]


class ModelReady(BaseModel):
    """What `GET /v2/models/{model}/ready` gives."""

    name: str
    ready: bool


class Output(BaseModel):
    """A tensor of an answer."""

    name: str
    datatype: str
    shape: list[int]
    parameters: dict[str, Any] | None = Field(None, description="labels: of the columns, as JSON")
    data: list[float] | list[str] | None = Field(None, description="Row by row; left out in binary form")


class Inferred(BaseModel):
    """What `POST /v2/models/{model}/infer` gives."""

    model_name: str
    model_version: str
    id: str | None = Field(None, description="The request's own")
    outputs: list[Output]


def _answers(summary: str, model: type[BaseModel], *refused: int) -> dict[str, Any]:
    """A route's line in the list and its responses."""
    return {
        "summary": f"Open Inference Protocol: {summary}",
        "responses": {
            200: {"description": summary[0].upper() + summary[1:], "model": model},
            **{status: {"description": REFUSALS[status], "model": OIPError} for status in refused},
        },
    }


LIVE = _answers("is the process alive?", Live)
READY = _answers("should requests be sent here?", Ready, 503)
SERVER = _answers("what serves", Server, 400, 401, 403, 429)
MODEL = _answers("a model's tensors", Model, 400, 401, 403, 404, 429)
MODEL_READY = _answers("can a model answer?", ModelReady, 400, 401, 403, 404, 429, 503)
INFER = _answers("tensors to tensors", Inferred, *REFUSALS)
INFER["responses"][200]["content"] = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


def _in_path(name: str, description: str) -> dict[str, Any]:
    schema = {"type": "string", "minLength": 1}
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


NAME, VERSION = _in_path("model", "Name of a served model"), _in_path("version", "One of its versions")
MODEL_PATHS = (("/v2/models/{model}", (NAME,)), ("/v2/models/{model}/versions/{version}", (NAME, VERSION)))
"""Path of a model → the parameters in it."""
LENGTH_PARAMETER = {
    "name": "Inference-Header-Content-Length",
    "in": "header",
    "required": False,
    "description": "How many bytes of the body are JSON, where the bytes of tensors follow",
    "schema": {"type": "integer", "minimum": 1},
}


def infer_request(settings: ServeSettings) -> dict[str, Any]:
    """The schema of a request's JSON."""
    text = {"type": "string", "minLength": 1, "maxLength": settings.max_text_chars}
    several = {"minItems": 1, "maxItems": settings.max_texts}
    row = {"type": "array", "items": text, "minItems": 1, "maxItems": 1}
    parameters = optional({"type": "object"}, "timeout: in microseconds; binary_data_output: all outputs as bytes")
    tensor = {
        "type": "object",
        "properties": {
            "name": {"const": "text"},
            "datatype": {"const": "BYTES"},
            "shape": {
                "type": "array",
                "items": {"type": "integer", "minimum": 1, "maximum": settings.max_texts},
                "minItems": 1,
                "maxItems": 2,
                "description": "[n] or [n, 1]",
            },
            "data": {
                "anyOf": [
                    {"type": "array", "items": text, **several},
                    {"type": "array", "items": row, **several},
                ]
            },
            "parameters": optional({"type": "object"}, "binary_data_size: of the tensor's bytes, in the place of data"),
        },
        "required": ["name", "datatype", "shape"],
    }
    output = {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "parameters": optional({"type": "object"}, "binary_data: this output as bytes"),
        },
        "required": ["name"],
    }
    return {
        "type": "object",
        "properties": {
            "id": optional({"type": "string", "maxLength": 256}, "Given back in the answer"),
            "parameters": parameters,
            "inputs": {"type": "array", "items": tensor, "minItems": 1, "maxItems": 1},
            "outputs": optional({"type": "array", "items": output}, "The outputs that are wanted; left out, all"),
        },
        "required": ["inputs"],
    }
