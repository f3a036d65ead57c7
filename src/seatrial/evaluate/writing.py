"""Answers that a model writes for many prompts, as evaluation wants them: greedy, and many at a time.

Refuses to know: texts, tokenizers, what a prompt was made of.
"""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.generate.base import Engine
from seatrial.generate.request import GenerateRequest, SamplingSettings
from seatrial.generate.scheduler import Scheduler
from seatrial.progress import Progress, silent

__all__ = ["write_greedily"]

PREFILL_TOKENS = 1024
"""Of prompts, read in one step: nobody waits for a single answer here, and full steps are cheaper."""


def write_greedily(
    engine: Engine,
    prompts: Sequence[Sequence[int]],
    *,
    stop_ids: frozenset[int],
    max_tokens: int,
    progress: Progress = silent,
) -> list[list[int]]:
    """What the model goes on with, always taking the most probable token.

    Args:
        engine: with all slots free; nobody else uses it.
        prompts: token ids of n prompts. One that leaves no room for an answer loses its beginning.
        stop_ids: tokens that end an answer; they are not part of it.
        max_tokens: of an answer, at most.
        progress: hears ``"write"``, in answers.

    Returns:
        Token ids of n answers.
    """
    room = engine.context - min(max_tokens, engine.context // 2)
    scheduler = Scheduler(engine, max_waiting=len(prompts) + 1, prefill_tokens=PREFILL_TOKENS)
    greedy = SamplingSettings(temperature=0)
    streams = [
        scheduler.submit(
            GenerateRequest(prompt=list(prompt[-room:]), sampling=greedy, max_tokens=max_tokens, stop_ids=stop_ids)
        )
        for prompt in prompts
    ]
    while scheduler.has_work:
        progress("write", len(prompts) - scheduler.waiting - scheduler.running, len(prompts))
        scheduler.step()
    progress("write", len(prompts), len(prompts))
    written = []
    for stream in streams:
        ids = list(stream.answers()[0].token_ids)
        written.append(ids[:-1] if ids and ids[-1] in stop_ids else ids)
    return written
