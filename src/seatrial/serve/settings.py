"""How releases are served: every limit of the service in one frozen value.

Refuses to know: where the values came from. The project file's `serving:` section gives most of them; `seatrial serve`
adds what belongs to the place where it runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from seatrial.serve.usable import MAX_TEXT_CHARS
from seatrial.spec.stages import ServingSpec

__all__ = ["ServeSettings"]


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """The service's settings.

    Attributes:
        host: address to listen on; the default is reachable from this machine only.
        port: port to listen on; 0 takes a free one.
        grpc_port: port for gRPC; 0 takes a free one, None offers none.
        engine: what runs the model, by name.
        threads: threads of one model run; None takes all cores for a run that is alone, one for each of several.
        workers: batches computed at the same time, at most; None takes as many as there are cores for.
        max_batch_items: texts computed together, at most.
        max_batch_tokens: tokens computed together, padding included.
        max_batch_ms: how long a batch should take, at most; what fits is learned. Who waits for one batch and is then
            computed in another has an answer after twice this time.
        max_waiting: texts that wait for the model, at most; more are refused with 503.
        max_waiting_tokens: the same, in tokens.
        max_wait_ms: who would have to wait longer than this for the model is refused with 503.
        timeout_ms: how long a request may take when the client does not say.
        max_timeout_ms: how long it may take when the client says.
        generate_slots: answers that a language model writes at the same time, at most; each takes memory for a context.
        generate_context: tokens of a prompt and its answer together, at most; never more than the model's own limit.
        generate_max_tokens: tokens of an answer, at most; also what an answer may have when the client does not say.
        generate_wait_ms: who would have to wait longer than this for the first token is refused with 503.
        generate_timeout_ms: how long an answer that is generated may take, at most and when the client does not say.
        control_text: whether messages may spell a model's control tokens; they are read as plain text then.
        sessions_file: where conversations are kept beyond a restart; None keeps them in memory.
        session_s: a conversation that was not used for so long is forgotten.
        summary_tokens: length of the summary of what falls out of a conversation; 0 makes none.
        cache_mb: memory for answers given before, in 10⁶ bytes; 0 keeps none.
        max_body_bytes: a larger request body is refused, counted after decompression.
        max_texts: texts in one request, at most.
        max_text_chars: a longer text is refused; far beyond what a model of this kind reads.
        max_json_depth: a request nested deeper is refused before it is parsed.
        max_header_bytes: a request line and headers longer than this are refused.
        max_connections: open connections, at most; more are told to come back. gRPC counts its own.
        max_calls: open gRPC calls, at most, and as many again of those that need no key; more are told to come back.
        head_timeout_s: how long a client may take to send its headers, at most.
        body_timeout_s: how long a client may take to send its body, at most.
        keep_alive_s: how long an idle connection is kept.
        start_timeout_s: how long a serving process may take until it answers; one that takes longer is replaced.
        grace_s: how long a stopping service may take to answer what it has accepted.
        settle_s: how long a stopping service still takes new connections, so that a load balancer learns of it first.
        watch_s: how often the release folders are looked at for a new release; 0 looks only when told to.
        keys_file: where the API keys are; None asks nobody for one.
        insecure: whether to listen beyond this machine without keys.
        rate_per_minute: requests per key and minute, for keys without a rate of their own; None sets no limit.
        cors_origins: web pages from elsewhere that may call the service; none by default.
        flagged_labels: labels that `/v1/moderations` reports as flagged.
        log_level: DEBUG, INFO, WARNING or ERROR; at INFO there is a line for every request.
        log_json: whether the log is one JSON object per line, or lines for people.
        log_texts: whether the log may hold the texts of requests.
        tracing_endpoint: where traces go, a collector that speaks OTLP over HTTP; None makes none.
        examples: texts that the playground offers as buttons.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    grpc_port: int | None = None
    engine: str = "onnxruntime"
    threads: int | None = None
    workers: int | None = None
    max_batch_items: int = 32
    max_batch_tokens: int = 4096
    max_batch_ms: float = 25.0
    max_waiting: int = 512
    max_waiting_tokens: int = 65_536
    max_wait_ms: int = 1_000
    timeout_ms: int = 10_000
    max_timeout_ms: int = 60_000
    generate_slots: int = 8
    generate_context: int = 2_048
    generate_max_tokens: int = 512
    generate_wait_ms: int = 10_000
    generate_timeout_ms: int = 120_000
    control_text: bool = False
    sessions_file: Path | None = None
    session_s: float = 3_600.0
    summary_tokens: int = 96
    cache_mb: float = 0.0
    max_body_bytes: int = 2_000_000
    max_texts: int = 32
    max_text_chars: int = MAX_TEXT_CHARS
    max_json_depth: int = 64
    max_header_bytes: int = 16_384
    max_connections: int = 1_000
    max_calls: int = 1_000
    head_timeout_s: float = 10.0
    body_timeout_s: float = 30.0
    keep_alive_s: int = 30
    start_timeout_s: float = 120.0
    grace_s: float = 10.0
    settle_s: float = 0.2
    watch_s: float = 0.0
    keys_file: Path | None = None
    insecure: bool = False
    rate_per_minute: int | None = None
    cors_origins: tuple[str, ...] = ()
    flagged_labels: tuple[str, ...] = ()
    log_level: str = "INFO"
    log_json: bool = True
    log_texts: bool = False
    tracing_endpoint: str | None = None
    examples: tuple[str, ...] = ()

    @classmethod
    def from_spec(cls, spec: ServingSpec) -> Self:
        """The settings that a project file asks for."""
        return cls(
            host=spec.host,
            port=spec.port,
            grpc_port=spec.grpc_port,
            engine=spec.engine,
            threads=spec.threads,
            workers=spec.workers,
            max_batch_items=spec.max_batch_items,
            max_batch_tokens=spec.max_batch_tokens,
            max_batch_ms=spec.max_batch_ms,
            max_waiting=spec.max_waiting,
            max_waiting_tokens=spec.max_waiting_tokens,
            max_wait_ms=spec.max_wait_ms,
            timeout_ms=spec.timeout_ms,
            cache_mb=spec.cache_mb,
            max_body_bytes=spec.max_body_bytes,
            max_texts=spec.max_texts,
            rate_per_minute=spec.rate_per_minute,
            cors_origins=tuple(spec.cors_origins),
            flagged_labels=tuple(spec.flagged_labels),
            examples=tuple(spec.examples),
        )
