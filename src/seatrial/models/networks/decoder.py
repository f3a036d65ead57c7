"""The decoder: every token sees what came before and predicts what comes next. A language model in the narrow sense.

    p(text) = Π p(token_t | tokens before t)

Source: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", §2.

Shapes: B batch, T query positions, E width of the model, V vocabulary.
"""

from __future__ import annotations

from torch import Tensor, nn

from seatrial.errors import SeatrialError
from seatrial.models.networks import masks
from seatrial.models.networks.cache import KeyValueCache
from seatrial.models.networks.config import NetworkConfig
from seatrial.models.networks.embedding import Embedding
from seatrial.models.networks.heads import OutputLayer
from seatrial.models.networks.places import Places
from seatrial.models.networks.stack import Stack

__all__ = ["Decoder"]


class Decoder(nn.Module):
    """Token ids → scores for the token that follows each of them.

    Args:
        config: with kind ``"decoder"``.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = Embedding(config)
        self.stack = Stack(config, layers=config.layers, causal=True)
        self.head = OutputLayer(config, self.embedding.tokens)

    def forward(
        self,
        input_ids: Tensor,
        *,
        positions: Tensor | None = None,
        documents: Tensor | None = None,
        cache: KeyValueCache | None = None,
        wanted: Tensor | None = None,
    ) -> Tensor:
        """Logits [B, T, V]; those at t are for token t + 1. Arguments as for `hidden_states`.

        With `wanted`, a mask [B, T] that holds N places, the output layer is computed for these alone: [N, V].
        """
        hidden_BTE = self.hidden_states(input_ids, positions=positions, documents=documents, cache=cache)
        logits: Tensor = self.head(hidden_BTE if wanted is None else hidden_BTE[wanted])
        return logits

    def hidden_states(
        self,
        input_ids: Tensor,
        *,
        positions: Tensor | None = None,
        documents: Tensor | None = None,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """Vectors [B, T, E] before the output layer.

        `network.head(hidden[:, -1])` gives the scores of the next token alone; the scores of a whole prompt are often
        larger than the network.

        Args:
            input_ids: [B, T], 0 to V - 1. Texts of different lengths are padded on the right: no text sees what is
                behind it. With a cache, T more tokens of each text; trim off what was padding.
            positions: [B, T], from 0; None: counted, in packed rows anew for each document.
            documents: [B, T], packed rows only: the number of each token's document, whose tokens stand together.
            cache: holds what came before and is given what comes now.

        Raises:
            SeatrialError: both documents and a cache, a full cache, or a text longer than the table of positions.
        """
        if documents is not None and cache is not None:
            raise SeatrialError(
                "packed rows cannot be continued from a cache", expected="documents or cache", hint="give one of them"
            )
        step = None if cache is None else cache.begin(input_ids)
        places = Places.of_texts(input_ids.shape[1], input_ids.device) if step is None else step.places
        if documents is not None and positions is None:
            positions = masks.restarting_positions(documents)
        x_BTE = self.embedding(input_ids, places, positions_BT=positions)
        sight = self.stack.look(places, x_BTE.dtype, positions_BT=positions, documents_BT=documents)
        hidden_BTE: Tensor = self.stack(x_BTE, sight, step=step)
        return hidden_BTE
