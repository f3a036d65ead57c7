"""The tokenizer's data of a GGUF file → a tokenizer of the tokenizers library, and what transformers wants to know of
it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors

from seatrial.errors import ResolveError
from seatrial.models.gguf.read import GgufTokenizer

__all__ = ["build_tokenizer", "tokenizer_settings"]


def _words() -> pre_tokenizers.PreTokenizer:
    """GPT-2's: words with the space before them, numbers, other signs."""
    return pre_tokenizers.ByteLevel(add_prefix_space=False)


def _words_and_digits() -> pre_tokenizers.PreTokenizer:
    """The same, and every digit by itself."""
    return pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), _words()])


SPLITTINGS: Mapping[str, Callable[[], pre_tokenizers.PreTokenizer]] = {
    "gpt-2": _words,
    "refact": _words_and_digits,
    "smollm": _words_and_digits,
    "starcoder": _words_and_digits,
}
"""`tokenizer.ggml.pre` → how texts are cut before BPE. A wrong cut gives other tokens without a word, so others are
refused."""


def build_tokenizer(data: GgufTokenizer) -> Tokenizer:
    """The tokenizer, with its marks as special tokens.

    Raises:
        ResolveError: no byte-level BPE, or one that cuts texts in a way that is not known.
    """
    if data.model != "gpt2" or data.splitting not in SPLITTINGS:
        raise ResolveError(
            f"tokenizers of the kind {data.model!r} with the splitting {data.splitting!r} are not known",
            where="tokenizer.ggml",
            expected="gpt2 with one of " + ", ".join(SPLITTINGS),
            hint="take the model as a folder with a tokenizer.json",
        )
    vocabulary = {token: number for number, token in enumerate(data.tokens)}
    tokenizer = Tokenizer(models.BPE(vocabulary, list(data.merges)))
    tokenizer.pre_tokenizer = SPLITTINGS[data.splitting]()
    tokenizer.decoder = decoders.ByteLevel()
    for numbers, special in ((data.control, True), (data.added, False)):
        tokenizer.add_tokens([AddedToken(data.tokens[one], special=special, normalized=False) for one in numbers])
    if data.adds_bos and data.bos_id is not None:
        bos = data.tokens[data.bos_id]
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{bos} $A", pair=f"{bos} $A {bos} $B", special_tokens=[(bos, data.bos_id)]
        )
    return tokenizer


def tokenizer_settings(data: GgufTokenizer, max_positions: int) -> dict[str, Any]:
    """What belongs into `tokenizer_config.json`.

    Args:
        data: of the file.
        max_positions: the longest text, in tokens.
    """
    marks = {
        "bos_token": data.bos_id,
        "eos_token": data.eos_id,
        "unk_token": data.unknown_id,
        "pad_token": data.pad_id,
    }
    settings: dict[str, Any] = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": max_positions,
        "clean_up_tokenization_spaces": False,
        **{name: data.tokens[number] for name, number in marks.items() if number is not None},
    }
    if data.chat_template is not None:
        settings["chat_template"] = data.chat_template
    return settings
