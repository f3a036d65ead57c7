"""Where the tokens of one call stand: a whole text, or the continuation of texts that a cache holds.

A *place* counts tokens in a row and says who comes before whom; a *position* is what the network is told. They differ
in packed rows only, where positions begin anew with each document.

Shapes: B batch, T query positions, S key positions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["Places"]


@dataclass(frozen=True, slots=True)
class Places:
    """The places of queries and of keys.

    Args:
        queries_BT: places of the tokens of this call; B is 1 where all texts have the same.
        keys_1S: places of all that may be looked at.
        starts: how many tokens each text had before this call.
    """

    queries_BT: Tensor
    keys_1S: Tensor
    starts: tuple[int, ...]

    @classmethod
    def of_texts(cls, length: int, device: torch.device) -> Places:
        """Whole texts of `length` tokens, padding included."""
        places_1T = torch.arange(length, device=device)[None]
        return cls(places_1T, places_1T, (0,))

    @classmethod
    def continuing(cls, starts: Sequence[int], length: int, device: torch.device) -> Places:
        """`length` more tokens for each of several texts, which have `starts` tokens so far."""
        starts_B1 = torch.tensor(starts, device=device)[:, None]
        keys_1S = torch.arange(max(starts) + length, device=device)[None]
        return cls(starts_B1 + torch.arange(length, device=device)[None], keys_1S, tuple(starts))

    @property
    def whole(self) -> bool:
        """Whether queries and keys are the same tokens."""
        return not any(self.starts)

    @property
    def last_sees_all(self) -> bool:
        """Whether there is one query per text, at the last key: then a causal rule hides nothing."""
        return self.queries_BT.shape[1] == 1 and len(set(self.starts)) == 1
