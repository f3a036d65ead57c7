"""The smaller sections: `evaluation:`, `compression:` and `serving:`."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from seatrial.spec.base import Section

__all__ = ["AnswersSpec", "CompressionSpec", "EvaluationSpec", "ServingSpec"]


class AnswersSpec(Section):
    """The answers that a language model writes in evaluation; only for conversations."""

    max_tokens: int = Field(default=128, ge=1, le=8192)
    """Tokens of an answer, at most; one that is longer is cut there."""
    json_schema: dict[str, Any] | None = None
    """A JSON Schema that an answer must fit to count as `json_valid`: type, enum, const, properties, required,
    additionalProperties, items, pattern, anyOf, and the bounds of lengths and numbers."""


class EvaluationSpec(Section):
    """What is measured beside the contract."""

    metrics: list[str] = Field(default_factory=list)
    """Metrics by name; empty takes the task's own."""
    opponents: list[str] | None = None
    """What the model is compared with, on the same examples; null takes the task's own."""
    releases: dict[str, str] = Field(default_factory=dict)
    """Releases that are opponents too, under names of your own: a release folder, or a project's folder or file,
    relative to this project. For `text-classification`, with the same labels."""
    resamples: int = Field(default=1000, ge=100, le=100_000)
    """Bootstrap resamples behind each interval."""
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    """Confidence of the intervals in the report."""
    answers: AnswersSpec = AnswersSpec()
    """How answers are written, where a metric reads what a language model writes."""


class CompressionSpec(Section):
    """Which candidates are made from the trained model."""

    methods: list[str] | None = Field(default=None, min_length=1)
    """Compression methods by name; each makes one candidate. `fp32`, `int8-block` and `int8-dynamic`, or, for
    a language model that is served, `fp32`, `int8` and `int4`; null takes all of these."""


class ServingSpec(Section):
    """How the release is served, and how its latency is measured before it is accepted."""

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = Field(default=8000, ge=0, le=65535)
    """Port to listen on; 0 takes a free one."""
    grpc_port: int | None = Field(default=None, ge=0, le=65535)
    """Port for gRPC; 0 takes a free one, null offers none."""
    engine: str = "onnxruntime"
    """What runs the model: onnxruntime or torch."""
    threads: int | None = Field(default=None, ge=1)
    """Threads of one model run; null takes all cores for a run that is alone, one for each of several."""
    workers: int | None = Field(default=None, ge=1, le=64)
    """Batches computed at the same time, at most; null takes as many as there are cores for."""
    max_batch_items: int = Field(default=32, ge=1, le=1024)
    """Texts computed together, at most."""
    max_batch_tokens: int = Field(default=4096, ge=16)
    """Tokens computed together, padding included."""
    max_batch_ms: float = Field(default=25.0, gt=0)
    """How long a batch should take, at most; how many tokens fit is learned. Half the latency wanted under load."""
    max_waiting: int = Field(default=512, ge=1)
    """Texts that wait for the model, at most; more are refused with 503."""
    max_waiting_tokens: int = Field(default=65_536, ge=16)
    """The same, in tokens."""
    max_wait_ms: int = Field(default=1_000, ge=1)
    """Who would have to wait longer than this for the model is refused with 503."""
    timeout_ms: int = Field(default=10_000, ge=1, le=60_000)
    """How long a request may take when the client does not say."""
    cache_mb: float = Field(default=0.0, ge=0, le=100_000)
    """Memory for answers given before, in 10⁶ bytes; 0 keeps none."""
    max_texts: int = Field(default=32, ge=1, le=10_000)
    """Texts in one request, at most."""
    max_body_bytes: int = Field(default=2_000_000, ge=1024)
    """A larger request body is refused, counted after decompression."""
    rate_per_minute: int | None = Field(default=None, ge=1)
    """Requests per API key and minute; null sets no limit."""
    cors_origins: list[str] = Field(default_factory=list)
    """Origins of web pages that may call the service from a browser; empty allows none."""
    flagged_labels: list[str] = Field(default_factory=list)
    """Labels that the moderation route reports as flagged."""
    latency_requests: int = Field(default=300, ge=20, le=100_000)
    """Requests behind each latency figure of the verdict, for models that answer with numbers."""
    latency_answers: int = Field(default=60, ge=20, le=100_000)
    """Answers behind each latency figure of the verdict, for language models that are served."""
    latency_prompt_tokens: int = Field(default=128, ge=1)
    """Tokens of a prompt for these, at most half of what the model can hold; messages are sent as they are."""
    latency_answer_tokens: int = Field(default=64, ge=2)
    """Tokens of each of these answers, at most what is left of the other half."""
    examples: list[str] = Field(default_factory=list)
    """Texts that the playground page offers as buttons."""
