"""Learned positions: a table with one vector per position, trained like the embeddings of tokens.

Simple, and it ends: a position beyond the table has no vector.

Source: Gehring et al. 2017, "Convolutional Sequence to Sequence Learning", §3.1; used by BERT and GPT-2.

Shapes: B batch, T positions, E width of the model.
"""

from __future__ import annotations

from torch import Tensor, nn

__all__ = ["LearnedPositions"]


class LearnedPositions(nn.Module):
    """A table of vectors.

    Args:
        max_positions: rows of the table.
        width: E.
    """

    def __init__(self, max_positions: int, width: int) -> None:
        super().__init__()
        self.table = nn.Embedding(max_positions, width)

    def forward(self, positions_BT: Tensor) -> Tensor:
        """Vectors [B, T, E] of the positions."""
        vectors_BTE: Tensor = self.table(positions_BT)
        return vectors_BTE
