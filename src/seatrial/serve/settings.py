"""How a release is served: every limit of the service in one frozen value.

Refuses to know: where the values came from. The project file's `serving:` section gives most of them; the rest are
limits that nobody has needed to change yet.
"""

from __future__ import annotations

from dataclasses import dataclass
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
        threads: threads of one model run; None takes the machine's cores.
        max_batch_items: texts computed together, at most.
        max_batch_tokens: tokens computed together, padding included.
        max_body_bytes: a larger request body is refused.
        examples: texts that the playground offers as buttons.
        max_texts: texts in one request, at most.
        max_text_chars: a longer text is refused; far beyond what a model of this kind reads.
        max_json_depth: a request nested deeper is refused before it is parsed.
        workers: batches computed at the same time, at most. Two keep the cores busy while one of them is handed out.
        max_waiting: texts that wait for the model, at most; more are refused with 503.
        grace_s: how long a stopping service may take to answer what it has accepted.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    threads: int | None = None
    max_batch_items: int = 32
    max_batch_tokens: int = 4096
    max_body_bytes: int = 262_144
    examples: tuple[str, ...] = ()
    max_texts: int = 32
    max_text_chars: int = MAX_TEXT_CHARS
    max_json_depth: int = 32
    workers: int = 2
    max_waiting: int = 512
    grace_s: float = 10.0

    @classmethod
    def from_spec(cls, spec: ServingSpec) -> Self:
        """The settings that a project file asks for."""
        return cls(
            host=spec.host,
            port=spec.port,
            threads=spec.threads,
            max_batch_items=spec.max_batch_items,
            max_batch_tokens=spec.max_batch_tokens,
            max_body_bytes=spec.max_body_bytes,
            examples=tuple(spec.examples),
        )
