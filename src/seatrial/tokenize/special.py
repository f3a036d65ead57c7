"""The special tokens of the tokenizers that are trained here, and which part each plays in transformers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from seatrial.spec.tokenizer import TokenizerSpec

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = [
    "BERT",
    "BYTES",
    "CHATML",
    "CHAT_END",
    "CHAT_START",
    "END",
    "PAD",
    "UNKNOWN",
    "added_special",
    "begin_texts",
    "roles",
    "unknown_id",
]

END, PAD, UNKNOWN = "<|endoftext|>", "<|pad|>", "<unk>"
CHAT_START, CHAT_END = "<|im_start|>", "<|im_end|>"
BERT = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
BYTES = tuple(f"<0x{byte:02X}>" for byte in range(256))
"""How the library calls the tokens of single bytes, where a tokenizer falls back to them."""
CHATML = (
    "{% for message in messages %}"
    f"{CHAT_START}{{{{ message['role'] }}}}\n{{{{ message['content'] }}}}{CHAT_END}\n"
    "{% endfor %}"
    f"{{% if add_generation_prompt %}}{CHAT_START}assistant\n{{% endif %}}"
)
ROLES: Mapping[str, tuple[str, ...]] = {
    END: ("bos_token", "eos_token"),
    PAD: ("pad_token",),
    UNKNOWN: ("unk_token",),
    "[PAD]": ("pad_token",),
    "[UNK]": ("unk_token",),
    "[CLS]": ("cls_token",),
    "[SEP]": ("sep_token",),
    "[MASK]": ("mask_token",),
}


def added_special(spec: TokenizerSpec, usual: tuple[str, ...] = (END, PAD)) -> list[str]:
    """The special tokens that are added after the vocabulary, each once."""
    chat = (CHAT_START, CHAT_END) if spec.chat else ()
    return list(dict.fromkeys((*usual, *chat, *spec.special_tokens)))


def roles(tokenizer: Tokenizer, *, chat: bool) -> dict[str, str]:
    """Role → token, as `tokenizer_config.json` names them. Where messages are answered, their end ends the text."""
    found = {role: token for token, its in ROLES.items() if tokenizer.token_to_id(token) is not None for role in its}
    return {**found, "eos_token": CHAT_END} if chat else found


def begin_texts(tokenizer: Tokenizer) -> None:
    """Have it put the token that begins a document before every text, as a decoder that learns from documents reads it.

    Args:
        tokenizer: one that `train_tokenizer` gave for a decoder; changed in place.
    """
    from tokenizers import processors

    number = tokenizer.token_to_id(END)
    if number is not None:
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{END} $A", pair=f"{END} $A {END} $B", special_tokens=[(END, number)]
        )


def unknown_id(tokenizer: Tokenizer) -> int | None:
    """The number of the token for what the model cannot read; None where it reads everything."""
    token = getattr(tokenizer.model, "unk_token", None)
    if isinstance(token, str):
        return tokenizer.token_to_id(token)
    if type(tokenizer.model).__name__ != "Unigram":
        return None
    number = json.loads(tokenizer.model.__getstate__())["unk_id"]  # this model tells its number only when it is stored
    return None if number is None else int(number)
