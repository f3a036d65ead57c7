"""A model → a function from texts to vectors of length 1, by which semantic copies are found.

Loaded when it is first asked. Refuses to know what the vectors are for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.errors import MissingExtraError
from seatrial.spec.project import ProjectSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Embed = Callable[[Sequence[str]], NDArray[np.float32]]

__all__ = ["embed_of", "embed_with"]

MAX_TOKENS = 4096
"""In a batch: what fits into the caches of an ordinary machine."""


def embed_of(spec: ProjectSpec, root: Path) -> Embed | None:
    """Texts → vectors [n, dimensions] of the project's base model; None where nothing asks for them."""
    if spec.data.dedupe.semantic is None:
        return None
    from seatrial.reference import resolve_model

    @cache
    def loaded() -> Embed:
        folder = resolve_model(spec.model.base, revision=spec.model.revision, root=root)
        return embed_with(folder, spec.model.max_length)

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        return loaded()(texts)

    return embed


def embed_with(folder: Path, max_length: int) -> Embed:
    """Texts → vectors [n, dimensions] by mean pooling over an encoder's last layer.

    Args:
        folder: a transformers encoder.
        max_length: tokens of a text that are read.

    Raises:
        MissingExtraError: torch is not installed.
    """
    from seatrial.tokenize.load import encode, load_tokenizer

    try:
        from seatrial.models.forward import torch_logits
        from seatrial.tasks import TASKS

        model = TASKS.get("embedding")().load_trained(folder)
    except ModuleNotFoundError as error:
        raise MissingExtraError("a model that is no release", "train") from error
    tokenizer = load_tokenizer(folder, max_length)
    return lambda texts: torch_logits(model, encode(tokenizer, texts), max_tokens=MAX_TOKENS)
