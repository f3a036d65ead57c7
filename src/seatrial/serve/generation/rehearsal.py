"""What a model in service writes for given prompts, always the most probable token: for golden answers.

They are written one at a time, as they were when the release was accepted. Refuses to know: releases, files.
"""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.export.golden_tokens import LENGTH, GoldenTokens, Written
from seatrial.generate.events import Choice, Token
from seatrial.generate.request import GenerateRequest, SamplingSettings
from seatrial.serve.generation.ask import Message, Role
from seatrial.serve.generation.decoding import Decoding
from seatrial.serve.generation.words import Words
from seatrial.tasks import Prompt

__all__ = ["differs", "prompt_ids", "rehearse"]


def prompt_ids(words: Words, prompt: Prompt) -> list[int]:
    """The token ids of a prompt, as for a request that says the same."""
    if isinstance(prompt, str):
        return words.of_text(prompt)
    return words.of_messages([Message(Role(said["role"]), said["content"]) for said in prompt])


async def rehearse(words: Words, decoding: Decoding, prompts: Sequence[Prompt], length: int = LENGTH) -> list[Written]:
    """Let an engine write for each prompt, without the token that ends an answer.

    Args:
        words: of the model.
        decoding: the engine.
        prompts: each leaves room for an answer.
        length: of an answer in tokens, at most.
    """
    sampling = SamplingSettings(temperature=0.0, log_probabilities=2)
    written = []
    for prompt in prompts:
        request = GenerateRequest(
            prompt=prompt_ids(words, prompt), sampling=sampling, max_tokens=length, stop_ids=words.stop_ids
        )
        tokens = [event async for event in decoding.submit(request) if isinstance(event, Token)]
        choices = [token.choice for token in tokens if token.token_id not in words.stop_ids]
        written.append(
            Written(
                tuple(choice.token_id for choice in choices),
                tuple(_log_probability(choice) for choice in choices),
                tuple(_lead(choice) for choice in choices),
            )
        )
    return written


async def differs(golden: GoldenTokens, words: Words, decoding: Decoding) -> str | None:
    """What an engine writes otherwise than the golden answers, in words; None if nothing that counts. Prompts that its
    context has no room for are left out."""
    needed = [
        len(prompt_ids(words, prompt)) + len(answer.token_ids)
        for prompt, answer in zip(golden.prompts, golden.answers, strict=True)
    ]
    fit = [place for place, tokens in enumerate(needed) if tokens <= decoding.context]
    asked = GoldenTokens([golden.prompts[n] for n in fit], [golden.answers[n] for n in fit], golden.tolerance)
    return asked.differs(await rehearse(words, decoding, asked.prompts))


def _log_probability(choice: Choice) -> float:
    assert choice.log_probability is not None, "it was asked for"
    return choice.log_probability


def _lead(choice: Choice) -> float:
    if len(choice.top) < 2:
        return float("inf")  # a vocabulary of one
    return choice.top[0][1] - choice.top[1][1]
