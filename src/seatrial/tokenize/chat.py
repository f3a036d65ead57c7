"""Messages → token ids, so that no text of a user can ever become a control token.

The template's text is read with its control tokens; each content is read by itself, by a tokenizer that knows none of
them. A user who types `<|im_end|>` has typed ten characters. Everybody who joins the texts first and encodes then
lets users end their turn and write the system's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tokenizers import Tokenizer

from seatrial.errors import DataError
from seatrial.tokenize.chat_template import ChatTemplate, Message, checked_messages
from seatrial.tokenize.special import unknown_id

__all__ = ["ChatEncoder", "EncodedChat", "encode_chat", "fit_messages", "turns"]


@dataclass(frozen=True, slots=True)
class EncodedChat:
    """A conversation as a model reads it.

    Attributes:
        input_ids: token ids.
        answers: of each token, whether it is of an answer of the assistant, the token that ends the answer included:
            what a model is trained on that shall learn to answer.
    """

    input_ids: list[int]
    answers: list[bool]


class ChatEncoder:
    """Encodes conversations for one model. Made once; may be shared between threads.

    Args:
        tokenizer: of the model; it is not changed, and its truncation and padding are not used.
        template: of the model.
    """

    def __init__(self, tokenizer: Tokenizer, template: ChatTemplate) -> None:
        self.template = template
        settings: dict[str, Any] = json.loads(tokenizer.to_str())
        settings |= {"truncation": None, "padding": None, "post_processor": None}
        added = settings.get("added_tokens") or []
        unknown = unknown_id(tokenizer)
        self.control = frozenset(
            token["id"]
            for token in added
            if token["id"] != unknown and (token["special"] or _names(template, token["content"]))
        )
        """Ids that only the template may bring: special tokens, and added ones that it names."""
        self._written = Tokenizer.from_str(json.dumps(settings))
        kept = [token for token in added if token["id"] not in self.control and token["id"] != unknown]
        self._ids = tokenizer.get_vocab(with_added_tokens=True)
        self._typed = Tokenizer.from_str(json.dumps({**settings, "added_tokens": kept}))

    def encode(self, messages: Sequence[Message], *, add_generation_prompt: bool = False) -> EncodedChat:
        """Encode a conversation.

        Args:
            messages: ``{"role": …, "content": …}`` with the roles system, user, assistant and tool.
            add_generation_prompt: whether the beginning of an answer comes last, so that the model goes on with it.

        Raises:
            DataError: no messages, an unknown role, a content that is no text, or an order that the template refuses.
            ArtifactError: the template cannot be used.
        """
        parts = self.template.parts(messages, add_generation_prompt=add_generation_prompt)
        marked = any(part.generated for part in parts)
        ids: list[int] = []
        answers: list[bool] = []
        ends = False  # whether an answer is just over, so that its end comes next
        for part in parts:
            own = self._written_ids(part.text) if part.message is None else self._typed_ids(part.text)
            answer = part.message is not None and messages[part.message]["role"] == "assistant"
            ids += own
            if marked:
                answers += [part.generated] * len(own)
            elif ends and part.message is None and own and own[0] in self.control:
                answers += [True, *[False] * (len(own) - 1)]
            else:
                answers += [answer] * len(own)
            ends = answer
        return EncodedChat(ids, answers)

    def count(self, messages: Sequence[Message], *, add_generation_prompt: bool = False) -> int:
        """How many tokens a conversation has."""
        return len(self.encode(messages, add_generation_prompt=add_generation_prompt).input_ids)

    def _written_ids(self, text: str) -> list[int]:
        """Of text that the template wrote: control tokens count."""
        ids: list[int] = self._written.encode(text, add_special_tokens=False).ids
        return ids

    def _typed_ids(self, text: str) -> list[int]:
        """Of text that somebody typed: nothing is a control token.

        A model may hold a control token among its ordinary pieces and find it in the text by itself; then the text is
        cut inside of it, and each half is read alone.
        """
        encoding = self._typed.encode(text, add_special_tokens=False)
        # By name, since tokens that are added to a model without others may have got other numbers.
        ids = [self._ids[token] for token in encoding.tokens]
        for number, (start, stop) in zip(ids, encoding.offsets, strict=True):
            if number in self.control:
                if stop - start < 2:
                    raise DataError(f"{text[start:stop]!r} is a control token of this model", where="messages")
                return [*self._typed_ids(text[: start + 1]), *self._typed_ids(text[start + 1 :])]
        return ids


def _names(template: ChatTemplate, token: str) -> bool:
    """Whether the template writes this token; runs of spaces, which some tokenizers add, only lay it out."""
    return bool(token.strip()) and token in template.source


def encode_chat(
    tokenizer: Tokenizer, messages: Sequence[Message], template: ChatTemplate, *, add_generation_prompt: bool = False
) -> EncodedChat:
    """Encode one conversation; for many, make a `ChatEncoder` once. See `ChatEncoder.encode`."""
    return ChatEncoder(tokenizer, template).encode(messages, add_generation_prompt=add_generation_prompt)


def turns(messages: Sequence[Message]) -> tuple[list[Message], list[list[Message]]]:
    """The system's messages at the beginning, and the turns: what a user says with all that follows until the next."""
    first = next((place for place, message in enumerate(messages) if message["role"] != "system"), len(messages))
    found: list[list[Message]] = []
    for message in messages[first:]:
        if message["role"] == "user" and not (found and found[-1][-1]["role"] == "user"):
            found.append([message])
        elif found:
            found[-1].append(message)
        else:
            found.append([message])
    return list(messages[:first]), found


def fit_messages(
    messages: Sequence[Message], max_tokens: int, count: Callable[[Sequence[Message]], int]
) -> list[Message]:
    """Leave out the oldest turns, each as a whole, until a conversation fits; the system's messages stay.

    Args:
        messages: a conversation.
        max_tokens: tokens at most; leave room for the answer.
        count: how many tokens a conversation has, such as `ChatEncoder.count`; less with fewer turns.

    Raises:
        DataError: the last turn does not fit, even alone with the system's messages.
    """
    system, conversation = turns(checked_messages(messages))

    def tokens(dropped: int) -> int:
        return count([*system, *(message for turn in conversation[dropped:] for message in turn)])

    fewest, most = 0, max(0, len(conversation) - 1)
    if tokens(most) > max_tokens:
        raise DataError(
            f"the last turn with the system's message has {tokens(most):,} tokens",
            where="messages",
            expected=f"{max_tokens:,} at most",
            hint="shorten it",
        )
    while fewest < most:
        middle = (fewest + most) // 2
        if tokens(middle) <= max_tokens:
            most = middle
        else:
            fewest = middle + 1
    return [*system, *(message for turn in conversation[most:] for message in turn)]
