"""How a model is asked to say in short what has fallen out of a conversation, and where it reads that later.

Refuses to know: tokens, engines.
"""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.generate.request import SamplingSettings
from seatrial.serve.generation.ask import Ask, Message, Role

__all__ = ["summary_ask", "with_summary"]

NAMES = {Role.USER: "User", Role.ASSISTANT: "Assistant", Role.SYSTEM: "System"}
TASK = (
    "Summarize this conversation in a few short sentences. Keep names, numbers, wishes and decisions. "
    "Write the summary only."
)
EARLIER = "Earlier in this conversation: "


def summary_ask(fallen: Sequence[Message], earlier: str, *, max_tokens: int, max_chars: int) -> Ask:
    """The request for a summary.

    Args:
        fallen: messages that are no longer in the window.
        earlier: the summary of what fell out before them; empty if there is none.
        max_tokens: of the summary.
        max_chars: of what is summarized; of more than that, the end is.
    """
    lines = [f"{EARLIER}{earlier}"] if earlier else []
    lines += [f"{NAMES[message.role]}: {message.content}" for message in fallen]
    transcript = "\n".join(lines)[-max_chars:]
    asked = Message(Role.USER, f"{TASK}\n\n{transcript}")
    return Ask(messages=(asked,), sampling=SamplingSettings(temperature=0.0), max_tokens=max_tokens)


def with_summary(system: str, summary: str) -> tuple[Message, ...]:
    """The system's message with a summary at its end; none where there is neither."""
    parts = [part for part in (system, f"{EARLIER}{summary}" if summary else "") if part]
    return (Message(Role.SYSTEM, "\n\n".join(parts)),) if parts else ()
