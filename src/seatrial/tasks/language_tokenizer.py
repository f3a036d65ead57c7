"""A tokenizer as language models use it: nothing is cut, and texts begin and end with tokens of their own.

Which tokens those are, the model's folder says (`tokenizer_config.json`, `special_tokens_map.json`); where it does not,
the usual names are looked for. Refuses to know: networks, what is learned.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seatrial.errors import ResolveError, SpecError
from seatrial.tokenize.chat_template import ChatTemplate
from seatrial.tokenize.load import load_tokenizer

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["LanguageTokenizer", "open_tokenizer"]

FILES = ("special_tokens_map.json", "tokenizer_config.json")
USUAL: dict[str, tuple[str, ...]] = {
    "bos_token": ("<|begin_of_text|>", "<bos>", "<s>", "[CLS]", "<|endoftext|>"),
    "eos_token": ("<|end_of_text|>", "<eos>", "</s>", "[SEP]", "<|endoftext|>"),
    "pad_token": ("<|pad|>", "<pad>", "[PAD]"),
    "mask_token": ("<mask>", "[MASK]"),
    "unk_token": ("<unk>", "[UNK]"),
}


@dataclass(frozen=True, slots=True)
class LanguageTokenizer:
    """A tokenizer with the numbers of its special tokens.

    Attributes:
        tokenizer: cuts and pads nothing; control tokens that a text spells are read as any other text.
        max_length: tokens that the network is given at once.
        start_id: begins a document.
        end_id: ends one.
        pad_id: fills gaps.
        mask_id: stands for a hidden token; None where there is none.
        unknown_id: stands for what has no token; None where everything has.
        template: how messages are written down; None where the folder has no chat template.
    """

    tokenizer: Tokenizer
    max_length: int
    start_id: int
    end_id: int
    pad_id: int
    mask_id: int | None
    unknown_id: int | None
    template: ChatTemplate | None = None

    def documents(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, between the token that begins and the one that ends a document."""
        encoded = self.tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [[self.start_id, *encoding.ids, self.end_id] for encoding in encoded]

    def unknown_characters(self, texts: Sequence[str]) -> list[int]:
        """Characters of each text that stand behind unknown tokens."""
        if self.unknown_id is None:
            return [0] * len(texts)
        return [
            sum(end - start for token, (start, end) in zip(e.ids, e.offsets, strict=True) if token == self.unknown_id)
            for e in self.tokenizer.encode_batch(list(texts), add_special_tokens=False)
        ]

    def text(self, ids: Sequence[int]) -> str:
        """The text that ids stand for, without special tokens."""
        return self.tokenizer.decode(list(ids), skip_special_tokens=True)

    def save(self, path: str) -> None:
        """Write `tokenizer.json`."""
        self.tokenizer.save(path)


def open_tokenizer(folder: Path, max_length: int) -> LanguageTokenizer:
    """The tokenizer in a model's folder.

    Raises:
        ResolveError: there is none.
        SpecError: it has no token that ends a text.
    """
    tokenizer = load_tokenizer(folder, max_length)
    tokenizer.no_truncation()
    tokenizer.encode_special_tokens = True  # a text that spells <|endoftext|> has not ended
    named = _named(folder)

    def number(role: str) -> int | None:
        for token in (named.get(role), *USUAL[role]):
            found = None if token is None else tokenizer.token_to_id(token)
            if found is not None:
                return found
        return None

    end = number("eos_token")
    if end is None:
        raise SpecError(
            f"the tokenizer in {folder.name} has no token that ends a text",
            where="model.base",
            expected="eos_token in tokenizer_config.json",
        )
    start, pad = number("bos_token"), number("pad_token")
    return LanguageTokenizer(
        tokenizer=tokenizer,
        max_length=max_length,
        start_id=end if start is None else start,
        end_id=end,
        pad_id=end if pad is None else pad,
        mask_id=number("mask_token"),
        unknown_id=number("unk_token"),
        template=_template(folder),
    )


def _template(folder: Path) -> ChatTemplate | None:
    try:
        return ChatTemplate.of_folder(folder)
    except ResolveError:
        return None


def _named(folder: Path) -> dict[str, str]:
    """Role → token, as the folder's files say."""
    found: dict[str, str] = {}
    for name in FILES:
        if (folder / name).is_file():
            settings: dict[str, Any] = json.loads((folder / name).read_text(encoding="utf-8"))
            for role in USUAL:
                token = settings.get(role)
                content = token.get("content") if isinstance(token, dict) else token
                if isinstance(content, str):
                    found[role] = content
    return found
