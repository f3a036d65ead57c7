"""A tokenizer → the files of a folder that transformers, tokenizers and Seatrial open."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seatrial.tokenize.load import TOKENIZER
from seatrial.tokenize.special import CHATML, roles

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["TOKENIZER_CONFIG", "save_tokenizer"]

TOKENIZER_CONFIG = "tokenizer_config.json"


def save_tokenizer(
    tokenizer: Tokenizer, folder: Path, *, chat: bool = False, max_length: int | None = None
) -> list[Path]:
    """Write `tokenizer.json` and `tokenizer_config.json`, which says what each special token is for.

    Args:
        tokenizer: as `seatrial.tokenize.train.train_tokenizer` gave it.
        folder: an existing folder.
        chat: whether it has the control tokens of ChatML; then the template is stored too.
        max_length: the longest input of the model in tokens, where that is known.

    Returns:
        The files.
    """
    config: dict[str, Any] = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "clean_up_tokenization_spaces": False,
        **roles(tokenizer, chat=chat),
    }
    if max_length is not None:
        config["model_max_length"] = max_length
    if chat:
        config["chat_template"] = CHATML
    (folder / TOKENIZER).write_text(tokenizer.to_str() + "\n", encoding="utf-8")
    text = json.dumps(config, indent=2, ensure_ascii=False) + "\n"
    (folder / TOKENIZER_CONFIG).write_text(text, encoding="utf-8")
    return [folder / TOKENIZER, folder / TOKENIZER_CONFIG]
