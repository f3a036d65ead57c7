"""The smaller sections: `evaluation:`, `compression:` and `serving:`."""

from __future__ import annotations

from pydantic import Field

from seatrial.spec.base import Section

__all__ = ["CompressionSpec", "EvaluationSpec", "ServingSpec"]


class EvaluationSpec(Section):
    """What is measured beside the contract."""

    metrics: list[str] = Field(default_factory=list)
    """Metrics by name; empty takes the task's own."""
    opponents: list[str] = Field(default_factory=lambda: ["majority", "tfidf-logreg"])
    """What the model is compared with, on the same examples."""
    resamples: int = Field(default=1000, ge=100, le=100_000)
    """Bootstrap resamples behind each interval."""
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    """Confidence of the intervals in the report."""


class CompressionSpec(Section):
    """Which candidates are made from the trained model."""

    methods: list[str] = Field(default_factory=lambda: ["fp32", "int8-block", "int8-dynamic"], min_length=1)
    """Compression methods by name; each makes one candidate."""


class ServingSpec(Section):
    """How the release is served, and how its latency is measured before it is accepted."""

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = Field(default=8000, ge=0, le=65535)
    """Port to listen on; 0 takes a free one."""
    threads: int | None = Field(default=None, ge=1)
    """Threads of the engine; null takes the machine's cores."""
    max_batch_items: int = Field(default=32, ge=1, le=1024)
    """Texts computed together, at most."""
    max_batch_tokens: int = Field(default=4096, ge=16)
    """Tokens computed together, padding included."""
    max_body_bytes: int = Field(default=262_144, ge=1024)
    """A larger request body is refused."""
    latency_requests: int = Field(default=300, ge=20, le=100_000)
    """Requests behind each latency figure of the verdict."""
    examples: list[str] = Field(default_factory=list)
    """Texts that the playground page offers as buttons."""
