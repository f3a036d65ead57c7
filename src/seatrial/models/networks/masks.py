"""Masks: which key each query may see. Small rules that give yes or no, and are then joined by "and".

A rule compares the places of queries with the places of keys, so that one rule serves a whole text, the next token of a
text that is half in a cache, and texts of different lengths side by side.

Shapes: B batch, T query positions, S key positions, H heads. B may be 1 where all texts have the same.
"""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["additive", "causal", "every", "padding", "restarting_positions", "same_document", "window"]


def causal(query_places_BT: Tensor, key_places_BS: Tensor) -> Tensor:
    """A token sees itself and what came before: allowed_BTS.

    Keys behind the end of a shorter text in a cache come "later" than its queries, so this rule hides them as well.
    """
    return key_places_BS[:, None, :] <= query_places_BT[:, :, None]


def window(query_places_BT: Tensor, key_places_BS: Tensor, width: int) -> Tensor:
    """A token sees what is fewer than `width` tokens away: allowed_BTS.

    Source: Beltagy et al. 2020, "Longformer", §3.1; behind a causal rule, Jiang et al. 2023, "Mistral 7B", §2.
    """
    return (query_places_BT[:, :, None] - key_places_BS[:, None, :]).abs() < width


def padding(attention_mask_BS: Tensor) -> Tensor:
    """No token sees padding: allowed_B1S from 1 for text and 0 for padding."""
    return attention_mask_BS[:, None, :].bool()


def same_document(query_documents_BT: Tensor, key_documents_BS: Tensor) -> Tensor:
    """Where several documents are packed into one row, a token sees its own document only: allowed_BTS.

    Without this rule a document would be predicted from a stranger that happens to stand before it.
    """
    return query_documents_BT[:, :, None] == key_documents_BS[:, None, :]


def restarting_positions(documents_BT: Tensor) -> Tensor:
    """Positions that begin at 0 with each document of a packed row: positions_BT.

    Args:
        documents_BT: the number of each token's document; a document's tokens stand together.
    """
    places_1T = torch.arange(documents_BT.shape[1], device=documents_BT.device)[None]
    begins_BT = torch.ones_like(documents_BT, dtype=torch.bool)
    begins_BT[:, 1:] = documents_BT[:, 1:] != documents_BT[:, :-1]
    first_BT = torch.where(begins_BT, places_1T, 0).cummax(dim=1).values
    return places_1T - first_BT


def every(*rules: Tensor | None) -> Tensor | None:
    """What all rules allow: allowed_BTS; None where there is no rule."""
    allowed_BTS: Tensor | None = None
    for rule in rules:
        if rule is not None:
            allowed_BTS = rule if allowed_BTS is None else allowed_BTS & rule
    return allowed_BTS


def additive(allowed_BTS: Tensor | None, bias_BHTS: Tensor | None = None, *, dtype: torch.dtype) -> Tensor | None:
    """What is added to the scores: the bias where a key may be seen, the lowest number of `dtype` where it may not.

    After the softmax the latter weighs nothing. It is not -∞, which would make NaN of a query that may see no key at
    all.

    Returns:
        mask_BHTS, with B and H 1 where they make no difference; None where all is allowed and nothing added.
    """
    if allowed_BTS is None:
        return None if bias_BHTS is None else bias_BHTS.to(dtype)
    lowest = torch.finfo(dtype).min
    allowed_B1TS = allowed_BTS[:, None]
    if bias_BHTS is None:
        return torch.zeros_like(allowed_B1TS, dtype=dtype).masked_fill(~allowed_B1TS, lowest)
    return torch.where(allowed_B1TS, bias_BHTS.to(dtype), lowest)
