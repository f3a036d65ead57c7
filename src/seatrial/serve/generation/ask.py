"""What is asked of a model that generates, as every protocol understands it. Refuses to know: protocols, tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from seatrial.errors import RequestError
from seatrial.generate.request import SamplingSettings
from seatrial.serve.usable import fault_of

__all__ = ["MAX_STOPS", "MAX_STOP_CHARS", "Ask", "Message", "Role"]

MAX_STOPS = 16
"""Texts that end an answer; each is looked for at every token."""
MAX_STOP_CHARS = 200
MAX_MESSAGES = 2_000


class Role(StrEnum):
    """Who says something."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Message:
    """One thing that was said."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A conversation to go on with, a text to continue, or a gap in a text to fill.

    Attributes:
        messages: the conversation, oldest first; empty where a text is to be continued.
        prompt: the text to continue; None where there are messages.
        suffix: what stands behind the gap that follows `prompt`; None where there is no gap.
        sampling: how tokens are chosen.
        max_tokens: of an answer, at least 1; None takes what the service allows.
        n: how many answers.
        stop: texts that end an answer; they are not part of it.
    """

    messages: Sequence[Message] = ()
    prompt: str | None = None
    suffix: str | None = None
    sampling: SamplingSettings = field(default_factory=SamplingSettings)
    max_tokens: int | None = None
    n: int = 1
    stop: tuple[str, ...] = ()

    def check(self, *, max_chars: int, control: Sequence[str] = ()) -> None:
        """Refuse what no model could answer.

        Args:
            max_chars: of one message.
            control: spellings of the model's control tokens. They would be read as plain text, but who sends them
                most often means to be another speaker, so they are refused in what others than the model say.

        Raises:
            RequestError: says what to send.
        """
        self._check_stops()
        if self.prompt is not None:
            self._check_prompt(self.prompt, max_chars, control)
            return
        if not self.messages:
            raise RequestError("messages is an empty list", hint='send at least one: {"role": "user", "content": "…"}')
        if len(self.messages) > MAX_MESSAGES:
            raise RequestError(
                f"messages holds {len(self.messages)} messages", hint=f"send at most {MAX_MESSAGES}, the last ones"
            )
        for place, message in enumerate(self.messages):
            spoken = () if message.role is Role.ASSISTANT else control
            _check_text(message.content, f"messages[{place}].content", max_chars, spoken)
        if self.messages[-1].role is not Role.USER:
            raise RequestError(
                f"the last message is the {self.messages[-1].role}'s", hint="end with a message of the role user"
            )

    def _check_prompt(self, prompt: str, max_chars: int, control: Sequence[str]) -> None:
        if self.suffix is None:
            _check_text(prompt, "prompt", max_chars, control)
            return
        if not (prompt.strip() or self.suffix.strip()):
            raise RequestError("prompt and suffix are empty", hint="send what stands before the gap or behind it")
        for text, where in ((prompt, "prompt"), (self.suffix, "suffix")):
            if text and not text.isspace():  # a gap may well be at the beginning of a line
                _check_text(text, where, max_chars, control)
            elif len(text) > max_chars:
                raise RequestError(
                    f"{where} has {len(text)} characters", hint=f"send at most {max_chars} characters in a text"
                )

    def _check_stops(self) -> None:
        if len(self.stop) > MAX_STOPS:
            raise RequestError(f"stop holds {len(self.stop)} texts", hint=f"send at most {MAX_STOPS}")
        for place, text in enumerate(self.stop):
            if not text:
                raise RequestError(f"stop[{place}] is empty", hint="send a text with at least one character")
            if len(text) > MAX_STOP_CHARS:
                raise RequestError(f"stop[{place}] has {len(text)} characters", hint=f"send at most {MAX_STOP_CHARS}")


def _check_text(text: str, where: str, max_chars: int, control: Sequence[str]) -> None:
    fault = fault_of(text, max_chars)
    if fault:
        raise RequestError(f"{where} {fault[0]}", hint=fault[1])
    for token in control:
        if token in text:
            raise RequestError(
                f"{where} holds {token!r}, which controls this model", hint="leave it out, or put a space into it"
            )
