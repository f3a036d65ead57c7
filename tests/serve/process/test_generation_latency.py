"""What is counted of streamed answers; the service itself is measured in the voyage of a decoder."""

from __future__ import annotations

import math
from typing import Any

import pytest

from seatrial.errors import ServiceError
from seatrial.serve.process.generation_latency import AnswerTimes


def event(at: float, text: str = "", finish: str | None = None, chat: bool = False) -> tuple[float, dict[str, Any]]:
    said: dict[str, Any] = {"delta": {"content": text}} if chat else {"text": text}
    return at, {"choices": [{**said, "finish_reason": finish}], "usage": None}


def usage(at: float, tokens: int) -> tuple[float, dict[str, Any]]:
    return at, {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": tokens}}


@pytest.mark.parametrize("chat", [False, True])
def test_times_are_those_of_text(chat: bool) -> None:
    times = AnswerTimes()
    opening = [event(10.01, chat=True)] if chat else []  # who speaks, and nothing yet
    said = [event(10.10, "a", chat=chat), event(10.12, "b", chat=chat), event(10.16, "c", chat=chat)]
    times.add([*opening, *said, event(10.165, "", "length", chat=chat), usage(10.17, 4)], 10.0)
    figures = times.figures
    assert figures["ttft_p50_ms"] == pytest.approx(100)
    assert figures["tpot_p50_ms"] == pytest.approx(65 / 3)
    assert figures["p95_ms"] == pytest.approx(165)
    assert figures["tokens_per_s"] == pytest.approx(3 / 0.065)
    assert (figures["requests"], figures["prompt_tokens"], figures["answer_tokens"]) == (1, 7, 4)
    assert math.isnan(figures["peak_memory_mb"])


def test_an_answer_of_no_text_has_its_end() -> None:
    times = AnswerTimes()
    times.add([event(5.5, "", "stop"), usage(5.5, 1)], 5.0)
    assert times.figures["ttft_p95_ms"] == pytest.approx(500)
    assert math.isnan(times.figures["tpot_p50_ms"])
    assert math.isnan(times.figures["tokens_per_s"])


def test_an_answer_without_its_end_is_no_measurement() -> None:
    with pytest.raises(ServiceError, match="too early"):
        AnswerTimes().add([event(1.0, "a"), usage(1.1, 1)], 0.5)
