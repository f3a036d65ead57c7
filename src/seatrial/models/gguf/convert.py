"""A GGUF file → a folder that Seatrial and transformers take as a model."""

from __future__ import annotations

import json
from pathlib import Path

from seatrial.artifact.atomic import atomic_folder
from seatrial.errors import MissingExtraError
from seatrial.models.gguf.read import read_gguf
from seatrial.models.gguf.tokenizer import build_tokenizer, tokenizer_settings
from seatrial.models.hub_layout.llama import Llama

__all__ = ["gguf_to_hub"]


def gguf_to_hub(file: Path, folder: Path) -> None:
    """Write `config.json`, `model.safetensors` (fp32), `tokenizer.json` and `tokenizer_config.json`.

    Args:
        file: as for `read_gguf`.
        folder: appears when all is written; one that is there is replaced.

    Raises:
        MissingExtraError: the packages of the extra `lm` are not installed.
        ResolveError: the file is broken, or holds what our networks do not have.
        ArtifactError: the disk is full or forbidden.
    """
    try:
        from safetensors.numpy import save_file
    except ModuleNotFoundError as error:
        raise MissingExtraError("a GGUF file", "lm") from error
    model = read_gguf(file)
    tokenizer = build_tokenizer(model.tokenizer)
    settings = {**Llama().write_config(model.config), "dtype": "float32"}
    with atomic_folder(folder) as temporary:
        save_file(dict(model.tensors), temporary / "model.safetensors", metadata={"format": "pt"})
        tokenizer.save(str(temporary / "tokenizer.json"))
        for name, content in (
            ("config.json", settings),
            ("tokenizer_config.json", tokenizer_settings(model.tokenizer, model.config.max_positions)),
        ):
            text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
            (temporary / name).write_text(text, encoding="utf-8")
