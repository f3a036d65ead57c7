"""The encoder: every token sees the whole text. For understanding: classes, vectors, hidden words.

Source: Devlin et al. 2019, "BERT: Pre-training of Deep Bidirectional Transformers", §3.

Shapes: B batch, T positions, E width of the model, V vocabulary.
"""

from __future__ import annotations

from torch import Tensor, nn

from seatrial.models.networks.config import NetworkConfig
from seatrial.models.networks.embedding import Embedding
from seatrial.models.networks.heads import MaskedLMHead, Pooler
from seatrial.models.networks.places import Places
from seatrial.models.networks.stack import Stack

__all__ = ["Encoder", "MaskedLanguageModel"]


class Encoder(nn.Module):
    """Token ids → a vector for each token, which knows its context on both sides.

    Args:
        config: with kind ``"encoder"``.

    Attributes:
        pooler: hidden states → one vector per text [B, E], or None; `forward` does not use it.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = Embedding(config)
        self.stack = Stack(config, layers=config.layers, causal=False)
        self.pooler = Pooler(config) if config.head == "pooler" else None

    def forward(
        self, input_ids: Tensor, *, attention_mask: Tensor | None = None, token_types: Tensor | None = None
    ) -> Tensor:
        """Hidden states [B, T, E].

        Args:
            input_ids: [B, T], 0 to V - 1.
            attention_mask: [B, T], 1 for text and 0 for padding; None: there is no padding.
            token_types: [B, T], segment of each token; None: all 0.
        """
        places = Places.of_texts(input_ids.shape[1], input_ids.device)
        x_BTE = self.embedding(input_ids, places, token_types_BT=token_types)
        sight = self.stack.look(places, x_BTE.dtype, attention_mask_BS=attention_mask)
        hidden_BTE: Tensor = self.stack(x_BTE, sight)
        return hidden_BTE


class MaskedLanguageModel(nn.Module):
    """An encoder that guesses hidden tokens.

    Args:
        config: with kind ``"encoder"`` and head ``"masked-lm"``.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.head = MaskedLMHead(config, self.encoder.embedding.tokens)

    def forward(
        self,
        input_ids: Tensor,
        *,
        attention_mask: Tensor | None = None,
        token_types: Tensor | None = None,
        wanted: Tensor | None = None,
    ) -> Tensor:
        """Logits [B, T, V]; arguments as for `Encoder.forward`.

        With `wanted`, a mask [B, T] that holds N places, the head is computed for these alone: [N, V].
        """
        hidden_BTE = self.encoder(input_ids, attention_mask=attention_mask, token_types=token_types)
        logits: Tensor = self.head(hidden_BTE if wanted is None else hidden_BTE[wanted])
        return logits
