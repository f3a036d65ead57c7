"""The content of a `tokenizer.json`: its vocabulary, and the same with further tokens. Refuses to know: texts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from tokenizers import Tokenizer

__all__ = ["NEVER", "Settings", "tokenizer_of", "vocabulary_of", "with_tokens"]

Settings = dict[str, Any]
NEVER = -1000.0
"""Log probability of a unigram piece that no text is cut into."""


def tokenizer_of(settings: Settings) -> Tokenizer:
    """The tokenizer, which cuts and pads nothing."""
    tokenizer = Tokenizer.from_str(json.dumps(settings))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def vocabulary_of(settings: Settings) -> dict[str, int]:
    """Token → number, of the model, without tokens that are added beside it."""
    vocabulary = settings["model"]["vocab"]
    if isinstance(vocabulary, dict):
        return dict(vocabulary)
    return {piece: number for number, (piece, _) in enumerate(vocabulary)}


def with_tokens(
    settings: Settings, tokens: Iterable[str], *, first: int = 0, scores: Mapping[str, float] | None = None
) -> Settings:
    """A copy with further tokens in the model's vocabulary.

    Tokens that were added beside the vocabulary are written into it under their numbers, because the library gives
    those that it does not find there new numbers, counted from the size of the vocabulary, which is another one now.

    Args:
        settings: content of a `tokenizer.json`.
        tokens: in the order of their numbers; those that are in the vocabulary already are passed over.
        first: lowest number of a new token; it is higher where numbers are taken.
        scores: token → log probability, for a unigram model.
    """
    grown: Settings = json.loads(json.dumps(settings))
    known = vocabulary_of(grown)
    added = {token["content"]: token["id"] for token in grown.get("added_tokens") or ()}
    start = max([first, *(number + 1 for number in (*known.values(), *added.values()))])
    wanted = [token for token in dict.fromkeys(tokens) if token not in known and token not in added]
    new = {token: number for token, number in added.items() if token not in known}
    new |= {token: start + place for place, token in enumerate(wanted)}
    if isinstance(grown["model"]["vocab"], dict):
        grown["model"]["vocab"] |= new
        return grown
    pieces: list[list[Any]] = grown["model"]["vocab"]  # a unigram model has a list, in which the place is the number
    by_number = {number: [token, (scores or {}).get(token, NEVER)] for token, number in new.items()}
    pieces += [by_number.get(n, [f"<unused {n}>", NEVER]) for n in range(len(pieces), max(by_number, default=-1) + 1)]
    return grown
