"""Two answers to one prompt: how rows become pairs, and how pairs become tokens.

A prompt is a text, which the answers go on with as it stands, or messages, which the model's chat template writes down.
Both answers of a pair stand behind the same tokens. Refuses to know: networks, and what is learned.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seatrial.data.cells import cell_text, holds_no_text
from seatrial.errors import DataError, SpecError
from seatrial.records import Drop, Example, Row
from seatrial.spec.data import DataSpec

if TYPE_CHECKING:
    from seatrial.tasks.language_tokenizer import LanguageTokenizer
    from seatrial.tokenize.chat import ChatEncoder
    from seatrial.tokenize.chat_template import Message

__all__ = ["MESSAGES", "PROMPT", "TokenPreference", "asked_of", "preference_pair", "preference_tokens"]

MESSAGES, PROMPT = "messages", "prompt"
ANSWERS = ("chosen", "rejected")
SHOWN_CHARS = 200


def preference_pair(row: Row, data: DataSpec, example_id: str) -> Example | Drop:
    """A row → an example with the inputs `prompt` (or `messages`, as JSON), `chosen` and `rejected`."""
    try:
        asked = _messages(row, data.columns.messages) if data.columns.messages else _prompt(row, data)
        inputs = asked | {part: _answer(row, data, part, asked) for part in ANSWERS}
    except _Unusable as error:
        return Drop(error.reason, repr(dict(row.values))[:SHOWN_CHARS], row.provenance)
    if inputs["chosen"] == inputs["rejected"]:
        return Drop("chosen and rejected are equal", inputs["chosen"][:SHOWN_CHARS], row.provenance)
    slices = {name: str(row.values[name]) for name in data.slices}
    return Example(example_id, inputs, "", row.provenance, slices=slices)


def asked_of(example: Example) -> str | list[dict[str, str]]:
    """What both answers of an example answer: a text to go on with, or messages."""
    if MESSAGES not in example.inputs:
        return example.inputs[PROMPT]
    messages: list[dict[str, str]] = json.loads(example.inputs[MESSAGES])
    return messages


@dataclass(frozen=True, slots=True)
class TokenPreference:
    """A pair as tokens; the token that ends an answer is at its end.

    Attributes:
        prompt: at least one.
        chosen: of the answer that was preferred.
        rejected: of the other.
    """

    prompt: Sequence[int]
    chosen: Sequence[int]
    rejected: Sequence[int]

    @property
    def answers(self) -> tuple[Sequence[int], Sequence[int]]:
        """The chosen one, then the rejected one."""
        return self.chosen, self.rejected

    def within(self, most: int, *, lead: int) -> TokenPreference:
        """The same in at most so many tokens: the oldest of the prompt go, as many for both answers; where an answer
        alone is too long, its end goes.

        Args:
            most: tokens of the prompt with either answer, at least 2.
            lead: tokens at the beginning of the prompt that stay in any case, 0 or 1.
        """
        room = max(1, most - max(map(len, self.answers)))
        prompt = self.prompt
        if len(prompt) > room:
            prompt = [*prompt[:lead], *prompt[len(prompt) - (room - lead) :]]
        return TokenPreference(prompt, *(answer[: most - len(prompt)] for answer in self.answers))


def preference_tokens(tokenizer: LanguageTokenizer, examples: Sequence[Example]) -> list[TokenPreference]:
    """Each pair as tokens that fit into the network. Of a conversation whole turns go first, the oldest; the system's
    words stay as long as the last turn has room beside them.

    Raises:
        SpecError: there are messages, and the model has no chat template.
    """
    spoken = [example for example in examples if MESSAGES in example.inputs]
    encoder = _encoder(tokenizer) if spoken else None
    written = [example for example in examples if MESSAGES not in example.inputs]
    sides = [tokenizer.documents([example.inputs[part] for example in written]) for part in (PROMPT, *ANSWERS)]
    texts = (  # an answer begins where the prompt ends, and nothing ends between them
        TokenPreference(prompt[:-1], chosen[1:], rejected[1:]).within(tokenizer.max_length, lead=1)
        for prompt, chosen, rejected in zip(*sides, strict=True)
    )
    return [
        next(texts) if encoder is None or MESSAGES not in example.inputs else _of_messages(tokenizer, encoder, example)
        for example in examples
    ]


def _of_messages(tokenizer: LanguageTokenizer, encoder: ChatEncoder, example: Example) -> TokenPreference:
    from seatrial.tokenize.chat import fit_messages, turns

    messages: Sequence[Message] = json.loads(example.inputs[MESSAGES])
    longest = max((example.inputs[part] for part in ANSWERS), key=lambda said: encoder.count([*messages, _said(said)]))
    try:
        messages = fit_messages(messages, tokenizer.max_length, lambda kept: encoder.count([*kept, _said(longest)]))
    except DataError:  # not even the last turn fits: then its beginning goes, token by token
        system, conversation = turns(messages)
        messages = [*system, *conversation[-1]]
    prompts, answers = zip(*(_divided(encoder, messages, example.inputs[part]) for part in ANSWERS), strict=True)
    return TokenPreference(prompts[0], *answers).within(tokenizer.max_length, lead=0)


def _divided(encoder: ChatEncoder, messages: Sequence[Message], answer: str) -> tuple[list[int], list[int]]:
    """A conversation with an answer at its end → the tokens before the answer, and those of it."""
    encoded = encoder.encode([*messages, _said(answer)])
    stop = len(encoded.answers) - encoded.answers[::-1].index(True)
    start = stop
    while start and encoded.answers[start - 1]:
        start -= 1
    return encoded.input_ids[:start], encoded.input_ids[start:stop]


def _encoder(tokenizer: LanguageTokenizer) -> ChatEncoder:
    from seatrial.tokenize.chat import ChatEncoder

    if tokenizer.template is None:
        raise SpecError(
            "the tokenizer of the base has no chat template",
            where="model.base",
            hint="take a base that was made for chats, or give the prompts as texts in data.columns.prompt",
        )
    return ChatEncoder(tokenizer.tokenizer, tokenizer.template)


class _Unusable(Exception):
    """Why a row makes no pair; never leaves this file."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _prompt(row: Row, data: DataSpec) -> dict[str, str]:
    cell = row.values[data.columns.prompt or PROMPT]
    text = None if holds_no_text(cell) else cell_text(cell)
    if text is None:
        raise _Unusable("prompt is missing" if not holds_no_text(cell) else "prompt is no text")
    if not text.strip():
        raise _Unusable("prompt is empty")
    return {PROMPT: text}


def _messages(row: Row, column: str) -> dict[str, str]:
    messages = _conversation(row.values[column])
    if messages[-1]["role"] == "assistant":
        raise _Unusable("messages end with an answer, and the answers are chosen and rejected")
    return {MESSAGES: json.dumps(messages, ensure_ascii=False)}


def _answer(row: Row, data: DataSpec, part: str, asked: Mapping[str, str]) -> str:
    """The text of an answer: a cell, or the last message of a list, which may begin with the messages of the prompt."""
    cell = row.values[getattr(data.columns, part) or part]
    if MESSAGES in asked and isinstance(cell, list | tuple):
        messages = _conversation(cell)
        if messages[-1]["role"] != "assistant" or messages[:-1] not in ([], json.loads(asked[MESSAGES])):
            raise _Unusable(f"{part} is not one answer of the assistant to the messages")
        text: str | None = messages[-1]["content"]
    elif holds_no_text(cell):
        raise _Unusable(f"{part} is no text")
    else:
        text = cell_text(cell)
    if text is None:
        raise _Unusable(f"{part} is missing")
    if not text.strip():
        raise _Unusable(f"{part} is empty")
    return text


def _conversation(value: Any) -> list[dict[str, str]]:
    from seatrial.tokenize.chat_template import checked_messages

    try:
        messages = json.loads(value) if isinstance(value, str) else value
        return [dict(message) for message in checked_messages(messages)]
    except DataError as error:
        raise _Unusable(f"messages cannot be used: {error.message}") from error
    except (TypeError, ValueError) as error:
        raise _Unusable("messages are no conversation") from error


def _said(answer: str) -> Message:
    return {"role": "assistant", "content": answer}
