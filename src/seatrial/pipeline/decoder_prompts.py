"""What a service that writes is asked while it is measured: prompts of one length, made of held-out examples.

Refuses to know: tasks by name, services, what is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from seatrial.errors import DataError
from seatrial.records import Example
from seatrial.serve.generation.ask import Role
from seatrial.serve.generation.rehearsal import prompt_ids
from seatrial.serve.generation.words import Words
from seatrial.tasks import Generates, Prompt

__all__ = ["held_out_prompts"]

LONGEST_TOKEN = 16
"""Characters; a text is cut to so many for each token wanted before it is tokenized."""


def held_out_prompts(
    task: Generates, words: Words, examples: Sequence[Example], *, tokens: int, room: int, count: int
) -> list[Prompt]:
    """Texts of `tokens` tokens, each made of as many examples as that takes; or conversations as they are.

    Args:
        task: says what is asked for an example.
        words: the model's.
        examples: at least one.
        tokens: of a text; fewer where all examples together are shorter.
        room: tokens of a conversation, at most; longer ones are left out.
        count: of prompts, at most.

    Raises:
        DataError: no conversation fits.
    """
    asked = [task.asked(example) for example in islice(examples, 8 * count)]
    texts = [prompt for prompt in asked if isinstance(prompt, str)]
    if texts:
        return [_text(words, texts, place, tokens) for place in range(min(count, len(texts)))]
    fit = [prompt for prompt in asked if _can_be_sent(prompt) and len(prompt_ids(words, prompt)) <= room]
    if not fit:
        raise DataError(
            f"no conversation of the validation split asks in at most {room} tokens, which leave room to answer",
            where="serving.latency_answer_tokens",
            hint="lower it, or take lines about latency out of the contract",
        )
    return fit[:count]


def _text(words: Words, texts: Sequence[str], first: int, tokens: int) -> str:
    """Examples from `first` on, one behind the other, cut at so many tokens."""
    joined = ""
    for step in range(len(texts)):
        joined = f"{joined} {texts[(first + step) % len(texts)]}".strip()[: LONGEST_TOKEN * tokens]
        if len(joined) >= tokens and len(words.of_text(joined)) >= tokens:
            break
    low, high = 1, len(joined)
    while low < high:  # the longest beginning that has no more tokens
        middle = (low + high + 1) // 2
        if len(words.of_text(joined[:middle])) <= tokens:
            low = middle
        else:
            high = middle - 1
    return joined[:low]


def _can_be_sent(prompt: Prompt) -> bool:
    """Whether a service takes these messages: by roles that it knows, the user's last."""
    roles = [said["role"] for said in prompt if not isinstance(said, str)]
    return bool(roles) and roles[-1] == Role.USER and set(roles) <= set(Role)
