"""The embedding: a vector for each token, from a table; with what is added to it before the first block.

    x = token[id] + position[t] + type[segment]         each term only where the network has it

Source: Devlin et al. 2019, "BERT", §3, figure 2, for all three terms.

Shapes: B batch, T positions, E width of the model, V vocabulary.
"""

from __future__ import annotations

from torch import Tensor, nn

from seatrial.errors import SeatrialError
from seatrial.models.networks.config import NetworkConfig
from seatrial.models.networks.norms import norm
from seatrial.models.networks.places import Places
from seatrial.models.networks.positions.learned import LearnedPositions
from seatrial.models.networks.positions.sinusoidal import SinusoidalPositions

__all__ = ["Embedding"]


class Embedding(nn.Module):
    """Token ids → vectors.

    Args:
        config: of the network.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.max_positions = config.max_positions
        self.tokens = nn.Embedding(config.vocab_size, config.width)
        self.positions: nn.Module | None = None
        if config.positions == "learned":
            self.positions = LearnedPositions(config.max_positions, config.width)
        elif config.positions == "sinusoidal":
            self.positions = SinusoidalPositions(config.width)
        self.token_types = nn.Embedding(config.token_types, config.width) if config.token_types else None
        self.norm = norm(config) if config.embedding_norm else None
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self,
        input_ids_BT: Tensor,
        places: Places,
        *,
        positions_BT: Tensor | None = None,
        token_types_BT: Tensor | None = None,
    ) -> Tensor:
        """[B, T] → [B, T, E].

        Args:
            input_ids_BT: 0 to V - 1.
            places: of the tokens; their positions where no others are given.
            positions_BT: of the tokens.
            token_types_BT: segment of each token; None: all 0.

        Raises:
            SeatrialError: the text is longer than the table of learned positions.
        """
        x_BTE: Tensor = self.tokens(input_ids_BT)
        if self.positions is not None:
            if positions_BT is None:
                self._refuse_beyond_the_table(places, input_ids_BT.shape[1])
                positions_BT = places.queries_BT
            x_BTE = x_BTE + self.positions(positions_BT).to(x_BTE.dtype)
        if self.token_types is not None:
            types_BT = input_ids_BT.new_zeros(input_ids_BT.shape) if token_types_BT is None else token_types_BT
            x_BTE = x_BTE + self.token_types(types_BT)
        if self.norm is not None:
            x_BTE = self.norm(x_BTE)
        y_BTE: Tensor = self.dropout(x_BTE)
        return y_BTE

    def _refuse_beyond_the_table(self, places: Places, length: int) -> None:
        longest = max(places.starts) + length
        if isinstance(self.positions, LearnedPositions) and longest > self.max_positions:
            raise SeatrialError(
                f"a text of {longest} tokens is longer than the network's table of positions",
                expected=f"at most {self.max_positions} tokens",
                hint="cut the text, or train a network with a larger network.max_positions or other positions",
            )
