"""The encoder-decoder: one stack reads a text, another writes one and looks at what was read.

For translation, summaries, and whatever else turns one text into another.

Source: Vaswani et al. 2017, "Attention Is All You Need", §3; Raffel et al. 2020, "T5", §2.1.

Shapes: B batch, T query positions, S positions of the text that is read, E width of the model, V vocabulary.
"""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn

from seatrial.models.networks import masks
from seatrial.models.networks.block import Block
from seatrial.models.networks.cache import KeyValueCache, Source
from seatrial.models.networks.config import NetworkConfig
from seatrial.models.networks.embedding import Embedding
from seatrial.models.networks.heads import OutputLayer
from seatrial.models.networks.places import Places
from seatrial.models.networks.stack import Stack

__all__ = ["EncoderDecoder"]


class EncoderDecoder(nn.Module):
    """Token ids of a source and of what is written so far → scores for the next token. One embedding serves both.

    Args:
        config: with kind ``"encoder-decoder"``.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = Embedding(config)
        self.encoder = Stack(config, layers=config.layers, causal=False)
        self.decoder = Stack(config, layers=config.decoder_depth, causal=True, cross=True)
        self.head = OutputLayer(config, self.embedding.tokens)

    def forward(
        self,
        input_ids: Tensor,
        decoder_input_ids: Tensor,
        *,
        attention_mask: Tensor | None = None,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """Logits [B, T, V]; those at t are for token t + 1 of what is written.

        Args:
            input_ids: [B, S], the source.
            decoder_input_ids: [B, T], what is written; with a cache, the next tokens of it.
            attention_mask: [B, S], 1 for text and 0 for padding of the source; None: there is no padding.
            cache: holds what was written. The source is read on the first call with a cache; later calls with it do not
                look at `input_ids` and `attention_mask`.

        Raises:
            SeatrialError: a full cache, or a text longer than the table of positions.
        """
        source = None if cache is None else cache.source
        if source is None:
            source = self.read(input_ids, attention_mask)
            if cache is not None:
                cache.source = source
        return self.write(decoder_input_ids, source, cache)

    def read(self, input_ids: Tensor, attention_mask: Tensor | None = None) -> Source:
        """The encoder's output, as keys and values for each block of the decoder."""
        places = Places.of_texts(input_ids.shape[1], input_ids.device)
        x_BSE = self.embedding(input_ids, places)
        sight = self.encoder.look(places, x_BSE.dtype, attention_mask_BS=attention_mask)
        hidden_BSE = self.encoder(x_BSE, sight)
        keys_values = []
        for block in self.decoder.blocks:
            attention = cast("Block", block).cross_attention
            assert attention is not None
            keys_values.append(attention.keys_values(hidden_BSE))
        allowed_B1S = None if attention_mask is None else masks.padding(attention_mask)
        return Source(tuple(keys_values), masks.additive(allowed_B1S, dtype=x_BSE.dtype))

    def write(self, decoder_input_ids: Tensor, source: Source, cache: KeyValueCache | None = None) -> Tensor:
        """Logits [B, T, V] of what is written from a source that was read."""
        step = None if cache is None else cache.begin(decoder_input_ids)
        length, device = decoder_input_ids.shape[1], decoder_input_ids.device
        places = Places.of_texts(length, device) if step is None else step.places
        x_BTE = self.embedding(decoder_input_ids, places)
        sight = self.decoder.look(places, x_BTE.dtype, source_mask=source.mask)
        hidden_BTE = self.decoder(x_BTE, sight, step=step, sources=source.keys_values)
        logits_BTV: Tensor = self.head(hidden_BTE)
        return logits_BTV
