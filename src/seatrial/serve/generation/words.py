"""Texts ⇄ token ids of one model, as far as serving needs them. Refuses to know: engines, requests.

What a user writes never becomes a control token: those come from the model's own chat template.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from seatrial.serve.generation.ask import Message

__all__ = ["Reader", "Words"]


class Reader(Protocol):
    """Token ids of one answer, one at a time → its text."""

    @property
    def stopped(self) -> str | None:
        """The text at which the answer ended; nothing follows then."""
        ...

    def push(self, token_id: int) -> str:
        """What is certain of the text by this token: whole characters, and nothing that may be the beginning of a
        text that ends the answer."""
        ...

    def finish(self) -> str:
        """What was held back, when no token follows."""
        ...


class Words(Protocol):
    """A model's tokenizer and template.

    Attributes:
        stop_ids: tokens that end an answer.
        control: spellings of its control tokens.
        chats: whether it has a template for conversations.
        fills: whether it has the control tokens with which gaps are filled.
    """

    stop_ids: frozenset[int]
    control: tuple[str, ...]
    chats: bool
    fills: bool

    def of_messages(self, messages: Sequence[Message]) -> list[int]:
        """The prompt of a conversation, up to where the assistant's answer begins. Called in any thread.

        Raises:
            RequestError: there is no template, or it does not take these messages.
        """
        ...

    def of_text(self, text: str) -> list[int]:
        """The prompt of a text to be continued. Called in any thread."""
        ...

    def of_gap(self, before: str, behind: str) -> list[int]:
        """The prompt of a gap, up to where what belongs between begins. Called in any thread; only where it `fills`.

        Raises:
            RequestError: a text spells a control token.
        """
        ...

    def reader(self, stop: Sequence[str]) -> Reader:
        """A reader of one answer that ends at the first of these texts."""
        ...

    def bytes_of(self, token_id: int) -> bytes:
        """What one token stands for: UTF-8, or a part of a character."""
        ...
