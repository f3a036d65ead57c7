"""A base model with more characters in its vocabulary: those of the training texts that it cannot read.

A model that has read English has no token for most Chinese characters: they all become ``[UNK]``, and no training can
tell them apart. Here each gets a token of its own, with a vector that tells which characters it stands beside in the
training texts; what it means is learned in fine-tuning. Refuses to know: tasks.
"""

from __future__ import annotations

import json
import shutil
import unicodedata
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seatrial.errors import ResolveError, SpecError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["with_more_characters"]

TOKENIZER, CONFIG, VOCABULARY, WEIGHTS = "tokenizer.json", "config.json", "vocab.txt", "model.safetensors"
TABLE = "word_embeddings.weight"
LEAST_OCCURRENCES = 2
TEXTS_AT_ONCE = 1000
NEIGHBOURS = 2000
"""Of the most frequent characters it is counted how often they stand beside another."""
SMOOTHING = 0.75
"""Exponent of the neighbours' frequencies, so that rare neighbours do not outweigh all others."""
ISOLATED = "CJK "
"""How the Unicode names of characters begin that BERT's tokenizer makes a word of each."""


def with_more_characters(base: Path, texts: Sequence[str], most: int, out: Path, *, seed: int) -> int:
    """Write the base model with further tokens to `out`.

    Args:
        base: a transformers folder with a WordPiece tokenizer and weights in one safetensors file.
        texts: training texts.
        most: characters to add at most, the most frequent first; those that occur once are left out.
        out: an existing folder.
        seed: of the vectors of the new tokens, which are spread like those that there are.

    Returns:
        How many characters were added.

    Raises:
        SpecError: the tokenizer is of another kind.
        ResolveError: a file of the base model is missing.
    """
    import numpy as np
    from safetensors.numpy import load_file, save_file

    for name in (TOKENIZER, CONFIG, WEIGHTS):
        if not (base / name).is_file():
            raise ResolveError(f"there is no {name} in {base}", where="model.base")
    settings: dict[str, Any] = json.loads((base / TOKENIZER).read_text(encoding="utf-8"))
    if settings["model"].get("type") != "WordPiece":
        raise SpecError(
            f"this tokenizer is of the kind {settings['model'].get('type')}",
            where="model.more_characters",
            expected="WordPiece",
            hint="leave it out: tokenizers of other kinds can read every character",
        )
    vocabulary: dict[str, int] = settings["model"]["vocab"]
    added = _unknown(base, texts, vocabulary)[:most]
    tokens = [token for character in added for token in _tokens(character) if token not in vocabulary]
    weights = load_file(base / WEIGHTS)
    name = next(name for name in weights if name.endswith(TABLE))
    table = weights[name].astype(np.float32)
    # A tokenizer may have added tokens, such as [MASK], that the table holds no row for; their numbers are taken too.
    first = max([len(table), *(token["id"] + 1 for token in settings.get("added_tokens") or ())])
    contiguous = len(vocabulary) == len(table) == first  # some tables have rows to spare, which are left alone
    vocabulary |= {token: first + place for place, token in enumerate(tokens)}
    beside = _neighbourly(texts, [token.removeprefix("##") for token in tokens], table.shape[1], seed)
    unused = np.tile(table.mean(axis=0), (first - len(table), 1))
    new = (table.mean(axis=0) + table.std(axis=0) * beside).astype(np.float32)
    weights[name] = np.concatenate([table, unused, new])
    for path in base.iterdir():
        if path.is_file() and path.name != WEIGHTS:
            shutil.copyfile(path, out / path.name)
    config = json.loads((base / CONFIG).read_text(encoding="utf-8"))
    (out / CONFIG).write_text(json.dumps({**config, "vocab_size": len(weights[name])}, indent=2), encoding="utf-8")
    (out / TOKENIZER).write_text(json.dumps(settings, ensure_ascii=False), encoding="utf-8")
    (out / VOCABULARY).unlink(missing_ok=True)
    if contiguous:
        (out / VOCABULARY).write_text("".join(f"{token}\n" for token in vocabulary), encoding="utf-8")
    save_file(weights, out / WEIGHTS, metadata={"format": "pt"})
    return len(added)


def _unknown(base: Path, texts: Sequence[str], vocabulary: dict[str, int]) -> list[str]:
    """The characters of what the tokenizer cannot read, the most frequent first; of equally frequent ones the lowest
    code."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(base / TOKENIZER))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    unknown = tokenizer.token_to_id(tokenizer.model.unk_token)
    counts: Counter[str] = Counter()
    for start in range(0, len(texts), TEXTS_AT_ONCE):
        some = list(texts[start : start + TEXTS_AT_ONCE])
        for text, encoding in zip(some, tokenizer.encode_batch(some), strict=True):
            for token, (first, stop) in zip(encoding.ids, encoding.offsets, strict=True):
                if token == unknown:
                    part = text[first:stop]
                    counts.update(tokenizer.normalizer.normalize_str(part) if tokenizer.normalizer else part)
    found = [
        (-count, character)
        for character, count in counts.items()
        if count >= LEAST_OCCURRENCES and character not in vocabulary and not character.isspace()
    ]
    return [character for _, character in sorted(found)]


def _neighbourly(texts: Sequence[str], characters: Sequence[str], width: int, seed: int) -> NDArray[np.float64]:
    """A vector for each character, [characters, width], like those of characters with the same neighbours.

    The positive pointwise mutual information of a character with those just before and just after it, reduced to
    `width` numbers of mean 0 and variance 1.

    Source: Levy, Goldberg and Dagan 2015, "Improving Distributional Similarity with Lessons Learned from Word
    Embeddings", §2.1 and §3; Halko, Martinsson and Tropp 2011, "Finding Structure with Randomness", §1.6.
    """
    import numpy as np

    random = np.random.default_rng(seed)
    vectors = random.normal(size=(len(characters), width))  # for what has no neighbours, and beyond the rank
    seen = Counter(character for text in texts for character in text)
    common = {character: place for place, (character, _) in enumerate(seen.most_common(NEIGHBOURS))}
    index = {character: place for place, character in enumerate(characters)}
    counts = np.zeros((len(characters), 2 * len(common)))
    for text in texts:
        for before, after in pairwise(text):
            if before in index and after in common:
                counts[index[before], common[after]] += 1
            if after in index and before in common:
                counts[index[after], len(common) + common[before]] += 1
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0, keepdims=True) ** SMOOTHING
    share = counts.sum() * (counts.sum(axis=0) ** SMOOTHING).sum() / max(1.0, counts.sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        information = np.nan_to_num(np.log(counts * share / expected), nan=0.0, neginf=0.0).clip(min=0.0)
    rank = min(width, *information.shape) if information.size else 0
    if rank:
        basis = np.linalg.qr(
            information @ (information.T @ (information @ random.normal(size=(counts.shape[1], rank))))
        )[0]
        left, strengths, _ = np.linalg.svd(basis.T @ information, full_matrices=False)
        found = basis @ left * np.sqrt(strengths)
        mixed = (
            found @ np.linalg.qr(random.normal(size=(found.shape[1], width)).T)[0].T
        )  # no dimension outweighs others
        spread = mixed.std(axis=1, keepdims=True)
        known = spread[:, 0] > 0
        vectors[known] = mixed[known] / spread[known]
    return vectors


def _tokens(character: str) -> tuple[str, ...]:
    """The character as a word of its own, and inside a word where it can be in one."""
    alone = not character.isalnum() or unicodedata.name(character, "").startswith(ISOLATED)
    return (character,) if alone else (character, f"##{character}")
