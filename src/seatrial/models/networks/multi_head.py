"""Multi-head attention: several attentions side by side, each in its own small projection of the vectors.

    head_h = attention(x·W_q[h], z·W_k[h], z·W_v[h])        out = [head_1 … head_H]·W_o

z is x itself (self-attention) or what an encoder gave (cross-attention). With fewer heads of keys and values than of
queries, each is shared by a group of H/K queries: the cache is that much smaller.

Source: Vaswani et al. 2017, "Attention Is All You Need", §3.2.2; Ainslie et al. 2023, "GQA", §2.2.

Shapes: B batch, T query positions, S key positions, H heads, K key-value heads, D width of a head, E width of the
model.
"""

from __future__ import annotations

from torch import Tensor, nn

from seatrial.models.networks.attention import Implementation, attend
from seatrial.models.networks.config import NetworkConfig
from seatrial.models.networks.positions.rotary import Rotation, rotate

__all__ = ["KeysValues", "MultiHeadAttention"]

KeysValues = tuple[Tensor, Tensor]
"""key_BKSD and value_BKSD."""


class MultiHeadAttention(nn.Module):
    """Four projections around `attend`.

    Keys and values are a step of their own, because a cache stands between the two steps when a text is continued, and
    because those of an encoder's output are the same for every token that is decoded.

    Args:
        config: its width, heads, biases, scale and dropout are used.
    """

    implementation: Implementation = "fused"

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.head_width = config.head_size
        self.scale = config.attention_scale
        self.dropout = config.attention_dropout
        bias = config.attention_bias
        self.query = nn.Linear(config.width, config.heads * config.head_size, bias=bias)
        self.key = nn.Linear(config.width, config.kv_heads * config.head_size, bias=bias)
        self.value = nn.Linear(config.width, config.kv_heads * config.head_size, bias=bias)
        self.output = nn.Linear(config.heads * config.head_size, config.width, bias=bias)

    def keys_values(self, source_BSE: Tensor, rotation: Rotation | None = None) -> KeysValues:
        """Keys, turned by their positions where there is a rotation, and values: each [B, K, S, D]."""
        key_BKSD = self._split(self.key(source_BSE))
        value_BKSD = self._split(self.value(source_BSE))
        return (key_BKSD if rotation is None else rotate(key_BKSD, rotation)), value_BKSD

    def forward(
        self,
        x_BTE: Tensor,
        keys_values: KeysValues,
        *,
        mask_BHTS: Tensor | None = None,
        causal: bool = False,
        rotation: Rotation | None = None,
    ) -> Tensor:
        """What each of the T positions finds among the S keys: [B, T, E]. Mask and `causal` as for `attend`."""
        query_BHTD = self._split(self.query(x_BTE))
        if rotation is not None:
            query_BHTD = rotate(query_BHTD, rotation)
        found_BHTD = attend(
            query_BHTD,
            *keys_values,
            mask_BHTS=mask_BHTS,
            causal=causal,
            scale=self.scale,
            dropout=self.dropout if self.training else 0.0,
            implementation=self.implementation,
        )
        y_BTE: Tensor = self.output(found_BHTD.transpose(1, 2).flatten(2))
        return y_BTE

    def _split(self, x: Tensor) -> Tensor:
        """[B, T, heads·D] → [B, heads, T, D]."""
        batch, length, _ = x.shape
        return x.view(batch, length, -1, self.head_width).transpose(1, 2)
