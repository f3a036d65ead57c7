"""A trained model and its tokenizer → a folder that transformers alone opens with `from_pretrained`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from seatrial.models.quiet import quiet_transformers
from seatrial.train.disk import weights_written

if TYPE_CHECKING:
    import torch

__all__ = ["SavesTokenizer", "save_model"]

TOKENIZER_EXTRAS = ("special_tokens_map.json", "added_tokens.json", "vocab.*", "merges.txt", "*.model")
SETTINGS = "tokenizer_config.json"


class SavesTokenizer(Protocol):
    """What is asked of a tokenizer here."""

    def save(self, path: str) -> None:
        """Write `tokenizer.json`."""


def save_model(model: torch.nn.Module, tokenizer: SavesTokenizer, *, base: Path, max_length: int, out: Path) -> None:
    """Write `config.json`, `model.safetensors` and the tokenizer's files.

    The tokenizer's files are the base model's own, with two settings changed: texts are cut as `tokenizer` cuts them,
    and nothing is padded. So the saved folder gives the same ids through transformers and through tokenizers alone.

    Args:
        model: a model of transformers or one of our own.
        tokenizer: as the task's `load_tokenizer` gave it.
        base: the folder that the model came from.
        max_length: tokens.
        out: an existing folder.

    Raises:
        ArtifactError: no space.
    """
    with quiet_transformers(), weights_written("the model", out.parent):  # `out` itself is gone after a failure
        _save_weights(model.cpu(), out)
    tokenizer.save(str(out / "tokenizer.json"))
    for pattern in TOKENIZER_EXTRAS:
        for path in base.glob(pattern):
            shutil.copyfile(path, out / path.name)
    settings: dict[str, Any] = {"tokenizer_class": "PreTrainedTokenizerFast"}
    if (base / SETTINGS).is_file():
        settings = json.loads((base / SETTINGS).read_text(encoding="utf-8"))
    settings.pop("name_or_path", None)  # names the machine or the model of whoever made the base
    settings["model_max_length"] = max_length
    (out / SETTINGS).write_text(json.dumps(settings, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _save_weights(model: torch.nn.Module, out: Path) -> None:
    if hasattr(model, "save_pretrained"):
        cast("Any", model).save_pretrained(out)
    else:
        from seatrial.models.hub_layout import save_network

        save_network(model, out)
