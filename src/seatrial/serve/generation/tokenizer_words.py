"""The words of a release: its `tokenizer.json`, and the chat template beside it where there is one.

Refuses to know: engines, requests.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from seatrial.errors import DataError, RequestError, ResolveError
from seatrial.serve.generation.ask import Message
from seatrial.serve.generation.words import Reader, Words
from seatrial.tokenize.chat import ChatEncoder
from seatrial.tokenize.chat_template import ChatTemplate
from seatrial.tokenize.gap import gap_ids
from seatrial.tokenize.load import load_tokenizer
from seatrial.tokenize.stream import BYTE_OF, Detokenizer

__all__ = ["TokenizerWords"]

ENDS = ("eos_token", "eot_token")
"""Of tokenizer_config.json."""
USUAL_ENDS = ("<|im_end|>", "<|eot_id|>", "<|endoftext|>", "</s>", "<end_of_turn>")
"""What ends an answer where the files name nothing."""


class TokenizerWords(Words):
    """Words of the model in a folder.

    Args:
        folder: holds `tokenizer.json`, and `tokenizer_config.json` where the model has a template.

    Raises:
        ArtifactError: a file is damaged.
        ResolveError: there is no tokenizer.
    """

    def __init__(self, folder: Path) -> None:
        self._tokenizer = load_tokenizer(folder, None, where=str(folder))
        self._detokenizer = Detokenizer(self._tokenizer)
        added = self._tokenizer.get_added_tokens_decoder()
        self.control = tuple(sorted(token.content for token in added.values() if token.special))
        self.stop_ids = self._ends(folder)
        self._typed = load_tokenizer(folder, None, where=str(folder))
        self._typed.encode_special_tokens = True  # as any other text
        self._control_ids = frozenset(number for number, token in added.items() if token.special)
        self._gap = gap_ids(self._tokenizer)
        self.fills = self._gap is not None
        try:
            self._chat: ChatEncoder | None = ChatEncoder(self._tokenizer, ChatTemplate.of_folder(folder))
        except ResolveError:  # it has none
            self._chat = None
        self.chats = self._chat is not None
        if self._chat is not None:
            self._chat.encode([{"role": "user", "content": "A"}])  # a template that cannot be used is told of at once

    def of_messages(self, messages: Sequence[Message]) -> list[int]:
        """By the model's own template; what was said becomes no control token, whatever it spells."""
        assert self._chat is not None, "`chats` says so"
        said: list[dict[str, Any]] = [{"role": m.role.value, "content": m.content} for m in messages]
        try:
            return self._chat.encode(said, add_generation_prompt=True).input_ids
        except DataError as error:
            raise RequestError(f"{error.where}: {error.message}", hint=error.hint) from error

    def of_text(self, text: str) -> list[int]:
        """As the tokenizer begins every text, without control tokens that the text spells."""
        return [*self._head(), *self._typed_ids(text, "prompt", self._control_ids)]

    def of_gap(self, before: str, behind: str) -> list[int]:
        """What is before, what is behind, and the token after which the middle is written, as it was learned."""
        assert self._gap is not None, "`fills` says so"
        control = self._control_ids | {*self._gap}  # some models have them as plain added tokens
        first, second, third = self._gap
        read = (self._typed_ids(before, "prompt", control), self._typed_ids(behind, "suffix", control))
        return [*self._head(), first, *read[0], second, *read[1], third]

    def _head(self) -> list[int]:
        """What begins every text; it may well be the token that ends one."""
        plain = self._tokenizer.encode("a", add_special_tokens=False).ids
        ids: list[int] = self._tokenizer.encode("a").ids
        return next(ids[:start] for start in range(len(ids)) if ids[start : start + len(plain)] == plain)

    def _typed_ids(self, text: str, what: str, control: frozenset[int]) -> list[int]:
        ids: list[int] = self._typed.encode(text, add_special_tokens=False).ids
        if not control.isdisjoint(ids):
            raise RequestError(f"the {what} holds a control token of this model", hint="leave it out")
        return ids

    def reader(self, stop: Sequence[str]) -> Reader:
        """Whole characters only, up to the first of `stop`."""
        return self._detokenizer.stream(stop)

    def bytes_of(self, token_id: int) -> bytes:
        """Of a byte-level token its bytes; of any other its text."""
        token = self._tokenizer.id_to_token(token_id)
        if token is None:
            return b""
        if self._detokenizer.byte_level and all(character in BYTE_OF for character in token):
            return bytes(BYTE_OF[character] for character in token)
        return self._tokenizer.decode([token_id], skip_special_tokens=False).encode()

    def _ends(self, folder: Path) -> frozenset[int]:
        """Tokens that end an answer: what the model's files name, else those that models usually have."""
        found: set[int] = set()
        for name in ("generation_config.json", "config.json"):
            ends = _json(folder / name).get("eos_token_id")
            found.update(i for i in (ends if isinstance(ends, list) else [ends]) if isinstance(i, int))
        settings = _json(folder / "tokenizer_config.json")
        spelled = [settings.get(name) for name in ENDS]
        tokens = [token.get("content") if isinstance(token, dict) else token for token in spelled]
        named = [self._tokenizer.token_to_id(token) for token in tokens if isinstance(token, str)]
        usual = [self._tokenizer.token_to_id(token) for token in USUAL_ENDS]
        found.update(i for i in (*named, *usual) if i is not None)
        return frozenset(found)


def _json(file: Path) -> dict[str, Any]:
    value = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return value if isinstance(value, dict) else {}
