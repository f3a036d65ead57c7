"""Which turns of a conversation still fit into a model's context. Whole turns only: half a question misleads.

Refuses to know: tokenizers; `count` says how long a list of messages is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from seatrial.serve.generation.ask import Message, Role

__all__ = ["Window", "fit"]

REFILL_SHARE = 0.6
"""How full the window is after something fell out. With 1, every further turn would push one out, and each time a
summary would have to be made anew."""


@dataclass(frozen=True, slots=True)
class Window:
    """A conversation cut to size.

    Attributes:
        kept: messages that stay, oldest first.
        fallen: those that fell out, oldest first.
    """

    kept: tuple[Message, ...]
    fallen: tuple[Message, ...] = ()


def fit(messages: Sequence[Message], *, count: Callable[[Sequence[Message]], int], budget: int) -> Window:
    """Drop the oldest turns where a conversation is too long.

    Args:
        messages: without the system's, oldest first, the last one to be answered.
        count: tokens of the prompt that messages make.
        budget: tokens that the prompt may have.

    Returns:
        Everything where it fits; else the last turns that fill `REFILL_SHARE` of the budget, at least the last turn,
        which may be too long alone.
    """
    if count(messages) <= budget:
        return Window(tuple(messages))
    turns = _turns(messages)
    aim = int(budget * REFILL_SHARE)
    first = len(turns) - 1
    while first > 0 and count(_joined(turns[first - 1 :])) <= aim:
        first -= 1
    return Window(_joined(turns[first:]), _joined(turns[:first]))


def _turns(messages: Sequence[Message]) -> list[list[Message]]:
    """Messages by turn: each begins with a message of the user's that does not follow another one."""
    turns: list[list[Message]] = []
    before: Role | None = None
    for message in messages:
        if not turns or (message.role is Role.USER and before is not Role.USER):
            turns.append([])
        turns[-1].append(message)
        before = message.role
    return turns


def _joined(turns: Sequence[Sequence[Message]]) -> tuple[Message, ...]:
    return tuple(message for turn in turns for message in turn)
