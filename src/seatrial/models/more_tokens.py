"""A base model with further tokens: for what occurs often in the training texts and costs several tokens, or is unread.

The tokenizer's side is in `seatrial.tokenize.extend`. Here each table of the model gets rows for the new tokens, the
input's and, where it is another one, the output's; every old row stays as it is. Refuses to know: tasks.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seatrial.errors import ResolveError
from seatrial.models.embedding_rows import neighbourly_rows, spelled_rows
from seatrial.tokenize.extend import NewToken, extend_tokenizer
from seatrial.tokenize.load import TOKENIZER
from seatrial.tokenize.vocabulary_file import Settings, vocabulary_of
from seatrial.tokenize.wordpiece import CONTINUES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["read_base", "with_more_tokens", "write_grown"]

CONFIG, VOCABULARY, WEIGHTS = "config.json", "vocab.txt", "model.safetensors"
STALE = ("vocab.json", "merges.txt", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model", VOCABULARY)
"""What older tokenizers are read from, and what does not hold the new tokens."""
TABLES = (
    *("word_embeddings.weight", "embed_tokens.weight", "wte.weight", "shared.weight", "embed_in.weight"),
    *("lm_head.weight", "embed_out.weight", "predictions.decoder.weight", "vocab_projector.weight"),
    *("predictions.bias", "predictions.decoder.bias", "vocab_projector.bias", "lm_head.bias", "lm_head.decoder.bias"),
    "lm_head.decoder.weight",
)
"""How the names of tensors end that have a row for each token; BERT, RoBERTa, DistilBERT, GPT, Llama and T5."""

Rows = Callable[["NDArray[np.float32]"], "NDArray[np.float32]"]


def with_more_tokens(
    base: Path,
    texts: Sequence[str],
    most: int,
    out: Path,
    *,
    noise: float = 0.0,
    seed: int = 0,
    where: str = "model.base",
) -> tuple[NewToken, ...]:
    """Write the base model with further tokens to `out`.

    Args:
        base: a transformers folder with weights in one safetensors file.
        texts: training texts.
        most: tokens to add at most.
        out: an existing folder.
        noise: see `seatrial.models.embedding_rows.spelled_rows`.
        seed: of the noise, and of the rows of characters that could not be read.
        where: what asked for it, for messages.

    Returns:
        The new tokens.

    Raises:
        SpecError: no tokens can be added to this kind of tokenizer.
        ResolveError: a file of the base model is missing.
    """
    import numpy as np

    settings, weights, size = read_base(base, where)
    extension = extend_tokenizer(settings, texts, most, first=size, where=where)
    characters, pieces = extension.tokens[: extension.characters], extension.tokens[extension.characters :]
    unread = [place for place, token in enumerate(characters) if not token.spelled]
    names = [characters[place].token.removeprefix(CONTINUES) for place in unread]

    def rows(table: NDArray[np.float32]) -> NDArray[np.float32]:
        new = spelled_rows(table, [token.spelled for token in characters], noise=noise, seed=seed)
        if unread and table.ndim == 2:
            beside = neighbourly_rows(texts, names, table.shape[1], seed=seed)
            new[unread] = table.mean(axis=0) + table.std(axis=0) * beside
        with_characters = np.concatenate([table, new])
        longer = spelled_rows(with_characters, [token.spelled for token in pieces], noise=noise, seed=seed + 1)
        return np.concatenate([new, longer])

    write_grown(base, out, extension.settings, weights=weights, numbers=[t.id for t in extension.tokens], rows=rows)
    return extension.tokens


def read_base(base: Path, where: str = "model.base") -> tuple[Settings, dict[str, NDArray[Any]], int]:
    """The tokenizer's file, the weights, and how many rows the table of embeddings has.

    Raises:
        ResolveError: a file is missing, or there is no such table.
    """
    from safetensors.numpy import load_file

    for name in (TOKENIZER, CONFIG, WEIGHTS):
        if not (base / name).is_file():
            raise ResolveError(f"there is no {name} in {base}", where=where)
    settings: Settings = json.loads((base / TOKENIZER).read_text(encoding="utf-8"))
    weights = load_file(base / WEIGHTS)
    tables = [len(tensor) for name, tensor in weights.items() if name.endswith(TABLES) and tensor.ndim == 2]
    if not tables:
        raise ResolveError(f"no table of embeddings is known in {base / WEIGHTS}", where=where)
    return settings, weights, tables[0]


def write_grown(
    base: Path,
    out: Path,
    settings: Settings,
    *,
    weights: Mapping[str, NDArray[Any]],
    numbers: Sequence[int],
    rows: Rows,
) -> None:
    """Copy a model folder with a grown tokenizer and tables that have a row for each of its tokens.

    Args:
        base: the model.
        out: an existing folder.
        settings: content of the new `tokenizer.json`.
        weights: of the base model.
        numbers: of the new tokens, ascending and without gaps; numbers below the first that no row was there for,
            because a tokenizer may hold tokens that its model never reads, get the mean of the table.
        rows: a table [tokens, width] or a bias [tokens], in float32, up to the first new number → the new rows.
    """
    import numpy as np
    from safetensors.numpy import save_file

    grown = dict(weights)
    size = max((len(tensor) for name, tensor in weights.items() if name.endswith(TABLES)), default=0)
    total = numbers[-1] + 1 if numbers else size
    for name, tensor in weights.items():
        if numbers and name.endswith(TABLES) and len(tensor) == size:
            table = tensor.astype(np.float32)
            mean = table.mean(axis=0)
            table = np.concatenate([table, np.broadcast_to(mean, (numbers[0] - size, *np.shape(mean)))])
            grown[name] = np.concatenate([tensor, table[size:].astype(tensor.dtype), rows(table).astype(tensor.dtype)])
    for path in base.iterdir():
        if path.is_file() and path.name not in (WEIGHTS, *STALE):
            shutil.copyfile(path, out / path.name)
    config = json.loads((base / CONFIG).read_text(encoding="utf-8"))
    (out / CONFIG).write_text(json.dumps({**config, "vocab_size": total}, indent=2), encoding="utf-8")
    (out / TOKENIZER).write_text(json.dumps(settings, ensure_ascii=False), encoding="utf-8")
    ordered = sorted(vocabulary_of(settings).items(), key=lambda item: item[1])
    if (base / VOCABULARY).is_file() and [number for _, number in ordered] == list(range(len(ordered))):
        (out / VOCABULARY).write_text("".join(f"{token}\n" for token, _ in ordered), encoding="utf-8")
    save_file(grown, out / WEIGHTS, metadata={"format": "pt"})
