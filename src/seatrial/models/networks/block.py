"""A block: tokens look at each other (attention), then each thinks by itself (feed-forward).

A decoder's block within an encoder-decoder has a third sublayer between the two, which looks at the encoder's output.

Source: Vaswani et al. 2017, "Attention Is All You Need", §3.1.

Shapes: B batch, T query positions, S key positions, H heads, K key-value heads, D width of a head, E width of the
model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor, nn

from seatrial.models.networks.config import NetworkConfig
from seatrial.models.networks.feed_forward import FeedForward
from seatrial.models.networks.multi_head import KeysValues, MultiHeadAttention
from seatrial.models.networks.norms import norm
from seatrial.models.networks.positions.rotary import Rotation
from seatrial.models.networks.residual import residual

__all__ = ["Block", "Sight"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What tokens may see, and from where: computed once, used by every block.

    Args:
        mask_BHTS: added to the scores of self-attention; None: all is seen.
        causal: no mask, and each position sees itself and those before.
        rotation: of queries and keys, for rotary positions.
        source_mask: added to the scores of cross-attention, [B, 1, 1, S].
    """

    mask_BHTS: Tensor | None = None
    causal: bool = False
    rotation: Rotation | None = None
    source_mask: Tensor | None = None


class Block(nn.Module):
    """Attention, cross-attention where there is a source, feed-forward; each in a residual sum with a norm.

    Args:
        config: of the network.
        cross: whether the block looks at an encoder's output too.
    """

    def __init__(self, config: NetworkConfig, *, cross: bool = False) -> None:
        super().__init__()
        self.norm_place = config.norm_place
        self.attention = MultiHeadAttention(config)
        self.attention_norm = norm(config)
        self.cross_attention = MultiHeadAttention(config) if cross else None
        self.cross_attention_norm = norm(config) if cross else None
        self.feed_forward = FeedForward(config)
        self.feed_forward_norm = norm(config)
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self,
        x_BTE: Tensor,
        sight: Sight,
        *,
        remember: Callable[[Tensor, Tensor], KeysValues] | None = None,
        source: KeysValues | None = None,
    ) -> Tensor:
        """[B, T, E] → [B, T, E].

        Args:
            x_BTE: vectors of the tokens.
            sight: what they may see.
            remember: puts the keys and values of these tokens into a cache and gives all that it holds.
            source: keys and values of an encoder's output, for a block with cross-attention.
        """

        def look_around(x_BTE: Tensor) -> Tensor:
            keys_values = self.attention.keys_values(x_BTE, sight.rotation)
            if remember is not None:
                keys_values = remember(*keys_values)
            found_BTE: Tensor = self.attention(
                x_BTE, keys_values, mask_BHTS=sight.mask_BHTS, causal=sight.causal, rotation=sight.rotation
            )
            return found_BTE

        def look_at_source(x_BTE: Tensor) -> Tensor:
            assert self.cross_attention is not None
            found_BTE: Tensor = self.cross_attention(x_BTE, source, mask_BHTS=sight.source_mask)
            return found_BTE

        x_BTE = self._add(x_BTE, look_around, self.attention_norm)
        if self.cross_attention_norm is not None:
            x_BTE = self._add(x_BTE, look_at_source, self.cross_attention_norm)
        return self._add(x_BTE, self.feed_forward, self.feed_forward_norm)

    def _add(self, x_BTE: Tensor, sublayer: Callable[[Tensor], Tensor], its_norm: nn.Module) -> Tensor:
        return residual(x_BTE, sublayer, norm=its_norm, norm_place=self.norm_place, dropout=self.dropout)
