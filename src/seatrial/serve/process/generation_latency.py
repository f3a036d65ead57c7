"""Measures a release that writes as a client feels it: the real service, streamed answers, one after the other.

Every answer takes the most probable tokens and has the same length: tokens that would end it are forbidden by a bias,
so that candidates that end at different places are compared by the same work. Refuses to know: what the answers say.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from seatrial.errors import ServiceError
from seatrial.serve.process.latency import START_TIMEOUT_S, running_child
from seatrial.tasks import Prompt

__all__ = ["AnswerTimes", "time_answers"]

WARM_UP = 3
FORBIDDEN = -100.0
SETTINGS = {"control_text": True}  # what people wrote is sent as it stands


@dataclass(slots=True)
class AnswerTimes:
    """What was measured of one release, in as many rounds as there were.

    Attributes:
        first_ms: from the request to the first piece of text, per answer.
        token_ms: from the first piece to the end, divided by the tokens after the first, per answer. Not from piece to
            piece: a small model writes several before a client has read one, and gaps would say how they were packed.
        whole_ms: from the request to the end of the answer, per answer.
        written_s: from the first piece to the end, of all answers together.
        written: tokens in that time.
        prompt_tokens: per answer.
        answer_tokens: per answer.
        peak_memory_mb: of the serving process; NaN where the system does not say.
    """

    first_ms: list[float] = field(default_factory=list)
    token_ms: list[float] = field(default_factory=list)
    whole_ms: list[float] = field(default_factory=list)
    written_s: float = 0.0
    written: int = 0
    prompt_tokens: list[int] = field(default_factory=list)
    answer_tokens: list[int] = field(default_factory=list)
    peak_memory_mb: float = math.nan

    @property
    def figures(self) -> dict[str, float]:
        """The figures by name: of latency, speed, memory, and on what they were taken; NaN where there is none."""
        return {
            **_quantiles("", self.whole_ms),
            **_quantiles("ttft_", self.first_ms),
            **_quantiles("tpot_", self.token_ms),
            "tokens_per_s": self.written / self.written_s if self.written_s else math.nan,
            "peak_memory_mb": self.peak_memory_mb,
            "requests": len(self.whole_ms),
            "prompt_tokens": float(np.mean(self.prompt_tokens)) if self.prompt_tokens else math.nan,
            "answer_tokens": float(np.mean(self.answer_tokens)) if self.answer_tokens else math.nan,
        }

    def add(self, stamps: Sequence[tuple[float, dict[str, Any]]], started: float) -> None:
        """Count one answer: its events, each with the time when it came."""
        usage = next((event["usage"] for _, event in stamps if event.get("usage")), None)
        pieces = [at for at, event in stamps if any(map(_says, event.get("choices", ())))]
        ended = [at for at, event in stamps if any(choice.get("finish_reason") for choice in event.get("choices", ()))]
        if usage is None or not ended:
            raise ServiceError("the service ended an answer too early")
        first = pieces[0] if pieces else ended[0]  # tokens that stand for no text
        self.first_ms.append((first - started) * 1e3)
        self.whole_ms.append((ended[0] - started) * 1e3)
        self.written_s += ended[0] - first
        self.written += usage["completion_tokens"] - 1
        if usage["completion_tokens"] > 1:
            self.token_ms.append((ended[0] - first) * 1e3 / (usage["completion_tokens"] - 1))
        self.prompt_tokens.append(usage["prompt_tokens"])
        self.answer_tokens.append(usage["completion_tokens"])


def time_answers(
    release_folder: Path,
    prompts: Sequence[Prompt],
    times: AnswerTimes,
    *,
    answers: int,
    tokens: int,
    ends: Sequence[int],
    threads: int | None,
) -> None:
    """Serve a release, have it write, and add what was measured to `times`.

    Args:
        release_folder: the release to serve.
        prompts: sent in turn, beginning with the next after those that `times` has seen; not empty.
        times: is added to.
        answers: measured in this round; some more go before them to warm up.
        tokens: of each answer.
        ends: tokens that would end an answer.
        threads: of the model; None leaves it to the engine.

    Raises:
        ServiceError: the service did not start, or refused a request.
    """
    done = len(times.whole_ms)
    bodies = [_request(prompt, tokens, ends) for prompt in prompts]
    with running_child(release_folder, threads=threads, settings=SETTINGS) as running:
        host = urlsplit(running.url)
        connection = HTTPConnection(host.hostname or "", host.port, timeout=START_TIMEOUT_S)
        try:
            for index in range(WARM_UP):
                _answer(connection, *bodies[index % len(bodies)])
            for index in range(done, done + answers):
                started, stamps = _answer(connection, *bodies[index % len(bodies)])
                times.add(stamps, started)
        except (OSError, HTTPException) as error:
            raise ServiceError(f"the service stopped answering: {error or type(error).__name__}") from error
        finally:
            connection.close()
        held = (times.peak_memory_mb, running.peak_memory_mb)
        times.peak_memory_mb = max((mb for mb in held if not math.isnan(mb)), default=math.nan)


def _request(prompt: Prompt, tokens: int, ends: Sequence[int]) -> tuple[str, bytes]:
    """Path and body."""
    asked: Mapping[str, Any] = {"prompt": prompt} if isinstance(prompt, str) else {"messages": prompt}
    settings = {
        "max_tokens": tokens,
        "temperature": 0,
        "logit_bias": {str(token): FORBIDDEN for token in ends},
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    path = "/v1/completions" if isinstance(prompt, str) else "/v1/chat/completions"
    return path, json.dumps({**asked, **settings}).encode()


def _answer(connection: HTTPConnection, path: str, body: bytes) -> tuple[float, list[tuple[float, dict[str, Any]]]]:
    """When the request was sent, and each event of the answer with the time when it came."""
    started = time.perf_counter()
    connection.request("POST", path, body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    if response.status != 200:
        raise ServiceError(f"the service answered {response.status}: {response.read(200).decode(errors='replace')}")
    came: list[tuple[float, bytes]] = []
    while line := response.readline():
        if line.startswith((b"data: ", b"event: ")):
            came.append((time.perf_counter(), line))
    if not came or came[-1][1].strip() != b"data: [DONE]":
        raise ServiceError("the service ended an answer with an error")
    return started, [(at, json.loads(line[len(b"data: ") :])) for at, line in came[:-1]]


def _says(choice: Mapping[str, Any]) -> bool:
    """Whether a choice brings text."""
    return bool(choice.get("text") or (choice.get("delta") or {}).get("content"))


def _quantiles(name: str, values: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile."""
    p50, p95 = np.percentile(values, [50, 95]) if values else (math.nan, math.nan)
    return {f"{name}p50_ms": float(p50), f"{name}p95_ms": float(p95)}
