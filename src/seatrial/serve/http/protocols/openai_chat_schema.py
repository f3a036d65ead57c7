"""The shapes of OpenAI's chat completions and completions, as far as they are offered here, for the description.

Refuses to know: validation; `openai_chat_fields` checks requests itself, because its messages say what to send.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from seatrial.generate.request import LEAST_REPETITION_PENALTY
from seatrial.serve.generation.ask import MAX_STOP_CHARS, MAX_STOPS
from seatrial.serve.http.fields import object_schema, optional
from seatrial.serve.http.protocols.openai_schema import REFUSALS, OpenAIError
from seatrial.serve.settings import ServeSettings

__all__ = ["SESSION_PARAMETER", "ChatCompletion", "Completion", "chat_request", "completion_request", "responses"]

NAME = r"^[A-Za-z0-9._-]{1,64}$"
SESSION_PARAMETER = {
    "name": "X-Session",
    "in": "header",
    "required": False,
    "description": "The same as the field `session`",
    "schema": {"type": "string", "pattern": NAME},
}
BUSY_SESSION = {409: "The session answers another request"}
STREAM = "Events of `chat.completion.chunk` or `text_completion`, then `[DONE]`; an error is an event of its own"


class Usage(BaseModel):
    """Tokens read and written."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Said(BaseModel):
    """What the model says."""

    role: Literal["assistant"]
    content: str
    refusal: None


class ChatChoice(BaseModel):
    """One answer."""

    index: int
    message: Said
    logprobs: dict[str, Any] | None
    finish_reason: Literal["stop", "length"]


class ChatCompletion(BaseModel):
    """What `POST /v1/chat/completions` gives."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    system_fingerprint: str = Field(description="Version of the release")
    choices: list[ChatChoice]
    usage: Usage


class TextChoice(BaseModel):
    """One text."""

    index: int
    text: str
    logprobs: dict[str, Any] | None
    finish_reason: Literal["stop", "length"]


class Completion(BaseModel):
    """What `POST /v1/completions` gives."""

    id: str
    object: Literal["text_completion"]
    created: int
    model: str
    system_fingerprint: str = Field(description="Version of the release")
    choices: list[TextChoice]
    usage: Usage


def responses(model: type[BaseModel], description: str) -> dict[int | str, dict[str, Any]]:
    """The answer and the refusals of a route."""
    refusals = dict(sorted({**REFUSALS, **BUSY_SESSION}.items()))
    stream = {"text/event-stream": {"schema": {"type": "string", "description": STREAM}}}
    return {
        200: {"description": description, "model": model, "content": stream},
        **{status: {"description": text, "model": OpenAIError} for status, text in refusals.items()},
    }


def chat_request(settings: ServeSettings) -> dict[str, Any]:
    """The schema of a request for a chat completion."""
    text = {"type": "string", "minLength": 1, "maxLength": settings.max_text_chars}
    part = {
        "type": "object",
        "properties": {"type": {"const": "text"}, "text": text},
        "required": ["type", "text"],
    }
    message = {
        "type": "object",
        "properties": {
            "role": {"enum": ["system", "developer", "user", "assistant"]},
            "content": {"anyOf": [text, {"type": "array", "items": part, "minItems": 1}]},
            "name": optional({"type": "string"}, "Ignored"),
        },
        "required": ["role", "content"],
    }
    messages = {
        "type": "array",
        "items": message,
        "minItems": 1,
        "description": "The conversation, oldest first; the last message is the user's",
    }
    plain = {"type": "object", "properties": {"type": {"const": "text"}}, "required": ["type"]}
    properties = {
        "messages": messages,
        "max_completion_tokens": _tokens(settings),
        "logprobs": optional({"type": "boolean"}, "Whether to tell the log-probability of every token"),
        "top_logprobs": optional(_whole(0, 20), "And of so many of the most probable ones"),
        "response_format": optional(plain, "Text is the only one"),
        "session": optional(
            {"type": "string", "pattern": NAME},
            "A conversation that the service remembers: send only what is new. Belongs to the key that began it",
        ),
        **_shared(settings),
    }
    return object_schema(properties, required="messages")


def completion_request(settings: ServeSettings) -> dict[str, Any]:
    """The schema of a request for a completion."""
    start = {"type": "string", "maxLength": settings.max_text_chars}
    one = {"type": "array", "items": start, "minItems": 1, "maxItems": 1}
    properties = {
        "prompt": {
            "anyOf": [start, one],
            "description": "The text to continue, which is no part of the answer; empty only before a suffix",
        },
        "suffix": optional(start, "What stands behind the gap that is to be filled, for models that have learned it"),
        "logprobs": optional(_whole(0, 20), "Tell the log-probability of every token and of so many others"),
        **_shared(settings),
    }
    return object_schema(properties, required="prompt")


def _shared(settings: ServeSettings) -> dict[str, Any]:
    """What both have."""
    stop = {"type": "string", "minLength": 1, "maxLength": MAX_STOP_CHARS}
    stops = {"anyOf": [stop, {"type": "array", "items": stop, "maxItems": MAX_STOPS}]}
    usage = {"type": "object", "properties": {"include_usage": {"type": "boolean"}}, "additionalProperties": False}
    bias = {"type": "object", "additionalProperties": _number(-100, 100)}
    return {
        "model": optional({"type": "string"}, "NAME or NAME@VERSION; left out, the first model that generates"),
        "max_tokens": _tokens(settings),
        "temperature": optional(_number(0, 10), "0 always takes the most probable token; left out: 1"),
        "top_p": optional({"type": "number", "exclusiveMinimum": 0, "maximum": 1}, "Left out: 1"),
        "top_k": optional(_whole(0, 2**31), "Beyond OpenAI; 0 is off"),
        "min_p": optional(_number(0, 1), "Beyond OpenAI; 0 is off"),
        "presence_penalty": optional(_number(-2, 2), "Left out: 0"),
        "frequency_penalty": optional(_number(-2, 2), "Left out: 0"),
        "repetition_penalty": optional(_number(LEAST_REPETITION_PENALTY, 10), "Beyond OpenAI"),
        "logit_bias": optional(bias, "Number of a token → what is added to its logit"),
        "seed": optional({"type": "integer"}, "Equal requests with equal seeds get equal answers"),
        "n": optional(_whole(1, settings.generate_slots), "How many answers"),
        "stop": optional(stops, "Texts that end an answer and are no part of it"),
        "stream": optional({"type": "boolean"}, "Whether the answer comes piece by piece"),
        "stream_options": optional(usage, "With stream: whether the last chunk tells what was counted"),
        "user": optional({"type": "string"}, "Ignored"),
    }


def _tokens(settings: ServeSettings) -> dict[str, Any]:
    return optional(_whole(1, settings.generate_max_tokens), "Tokens of an answer, at most")


def _whole(low: int, high: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": low, "maximum": high}


def _number(low: float, high: float) -> dict[str, Any]:
    return {"type": "number", "minimum": low, "maximum": high}
