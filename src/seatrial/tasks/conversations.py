"""Messages as documents: how rows with conversations become examples and tokens, and which tokens are answers.

Only what the assistant says is learned and judged. A conversation is not cut: what is too long loses its oldest turns.
Refuses to know: networks, packing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seatrial.data.packing import Document
from seatrial.errors import DataError, SpecError
from seatrial.records import Drop, Example, Row
from seatrial.spec.data import DataSpec

if TYPE_CHECKING:
    from seatrial.tasks.language_tokenizer import LanguageTokenizer
    from seatrial.tokenize.chat import ChatEncoder
    from seatrial.tokenize.chat_template import Message

__all__ = [
    "Conversation",
    "asked_messages",
    "chat_encoder",
    "conversation",
    "conversation_tokens",
    "is_conversation",
    "said_in",
    "spoken",
]

INPUT = "messages"


def conversation(row: Row, column: str, example_id: str, data: DataSpec) -> Example | Drop:
    """A row → an example whose one input is the messages as JSON."""
    from seatrial.tokenize.chat_template import checked_messages

    value: Any = row.values[column]
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return Drop("messages are not JSON", value[:200], row.provenance)
    try:
        messages = [dict(message) for message in checked_messages(value)]
    except (DataError, TypeError, ValueError) as error:
        reason = f"messages cannot be used: {error.message}" if isinstance(error, DataError) else "is no conversation"
        return Drop(reason, repr(value)[:200], row.provenance)
    if not any(message["role"] == "assistant" for message in messages):
        return Drop("there is no answer of an assistant", repr(value)[:200], row.provenance)
    slices = {name: str(row.values[name]) for name in data.slices}
    inputs = {INPUT: json.dumps(messages, ensure_ascii=False)}
    return Example(example_id, inputs, "", row.provenance, slices=slices)


def is_conversation(example: Example) -> bool:
    """Whether an example is made of messages."""
    return INPUT in example.inputs


def asked_messages(example: Example) -> list[dict[str, str]]:
    """The messages before the last answer of the assistant."""
    messages = said_in(example)
    last = max(place for place, message in enumerate(messages) if message["role"] == "assistant")
    return messages[:last]


def spoken(example: Example) -> str:
    """All that was said, for duplicate search and for cleaning steps that only drop."""
    return "\n".join(message["content"] for message in said_in(example))


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as a network reads it.

    Attributes:
        document: its tokens, the answers being what is learned.
        answers: the texts of those answers; those of turns that were left out are not among them.
    """

    document: Document
    answers: tuple[str, ...]


def conversation_tokens(tokenizer: LanguageTokenizer, examples: Sequence[Example]) -> list[Conversation]:
    """Each conversation as tokens. The oldest turns are left out of one that is too long for the network; where even
    the last turn alone is, its end is.

    Raises:
        SpecError: the model has no chat template.
    """
    from seatrial.tokenize.chat import fit_messages, turns

    encoder = chat_encoder(tokenizer)
    found = []
    for example in examples:
        messages: Sequence[Message] = said_in(example)
        try:
            messages = fit_messages(messages, tokenizer.max_length, encoder.count)
        except DataError:
            system, conversation = turns(messages)
            messages = [*system, *conversation[-1]]
        encoded = encoder.encode(messages)
        room = slice(tokenizer.max_length)
        answers = tuple(message["content"] for message in messages if message["role"] == "assistant")
        found.append(Conversation(Document(encoded.input_ids[room], encoded.answers[room]), answers))
    return found


def chat_encoder(tokenizer: LanguageTokenizer) -> ChatEncoder:
    """What writes conversations down for a model.

    Raises:
        SpecError: the model has no chat template.
    """
    from seatrial.tokenize.chat import ChatEncoder

    if tokenizer.template is None:
        raise SpecError(
            "the tokenizer has no chat template",
            where="model",
            hint="take a base that was made for chats, or set model.tokenizer.chat to true",
        )
    return ChatEncoder(tokenizer.tokenizer, tokenizer.template)


def said_in(example: Example) -> list[dict[str, str]]:
    """The messages of an example, each with `role` and `content`."""
    messages: list[dict[str, str]] = json.loads(example.inputs[INPUT])
    return messages
