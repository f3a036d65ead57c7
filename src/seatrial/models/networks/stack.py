"""A stack of blocks: the body of every network. It also settles, once for all blocks, who sees whom.

Shapes: B batch, T query positions, S key positions, H heads, E width of the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor, nn

from seatrial.models.networks import masks
from seatrial.models.networks.block import Block, Sight
from seatrial.models.networks.cache import CacheStep
from seatrial.models.networks.config import NetworkConfig
from seatrial.models.networks.multi_head import KeysValues
from seatrial.models.networks.norms import norm
from seatrial.models.networks.places import Places
from seatrial.models.networks.positions.alibi import AlibiBias
from seatrial.models.networks.positions.relative_bias import RelativeBias
from seatrial.models.networks.positions.rotary import RotaryPositions

__all__ = ["Stack"]


class Stack(nn.Module):
    """Blocks in a row; with pre-norm, a norm at the end, because nothing else bounds the residual sum.

    Args:
        config: of the network.
        layers: how many blocks.
        causal: whether a token sees only itself and what came before.
        cross: whether the blocks look at an encoder's output too.
    """

    def __init__(self, config: NetworkConfig, *, layers: int, causal: bool, cross: bool = False) -> None:
        super().__init__()
        self.causal = causal
        self.sliding_window = config.sliding_window
        self.rotary = RotaryPositions(config.head_size, config.rotary_base) if config.positions == "rotary" else None
        self.bias: nn.Module | None = None
        if config.positions == "alibi":
            self.bias = AlibiBias(config.heads)
        elif config.positions == "relative-bias":
            self.bias = RelativeBias(
                config.heads,
                buckets=config.relative_buckets,
                max_distance=config.relative_max_distance,
                both_ways=not causal,
            )
        self.blocks = nn.ModuleList(Block(config, cross=cross) for _ in range(layers))
        self.last_norm = norm(config) if config.norm_place == "pre" else None

    def forward(
        self,
        x_BTE: Tensor,
        sight: Sight,
        *,
        step: CacheStep | None = None,
        sources: Sequence[KeysValues] | None = None,
    ) -> Tensor:
        """[B, T, E] → [B, T, E].

        Args:
            x_BTE: embedded tokens.
            sight: as `look` gives it.
            step: of a cache that knows what came before.
            sources: keys and values of an encoder's output, for each block.
        """
        for layer, block in enumerate(self.blocks):
            x_BTE = block(
                x_BTE,
                sight,
                remember=None if step is None else partial(step.remember, layer),
                source=None if sources is None else sources[layer],
            )
        if step is not None:
            step.finish()
        return x_BTE if self.last_norm is None else self.last_norm(x_BTE)

    def look(
        self,
        places: Places,
        dtype: torch.dtype,
        *,
        positions_BT: Tensor | None = None,
        attention_mask_BS: Tensor | None = None,
        documents_BT: Tensor | None = None,
        source_mask: Tensor | None = None,
    ) -> Sight:
        """Who sees whom, and from where.

        Args:
            places: of the tokens.
            dtype: of the vectors.
            positions_BT: for rotary positions; None: the places.
            attention_mask_BS: 1 for text, 0 for padding; None: no padding.
            documents_BT: document of each token in packed rows; None: one per row.
            source_mask: what hides an encoder's padding, see `masks.additive`.
        """
        rotation = None
        if self.rotary is not None:
            rotation = self.rotary(places.queries_BT if positions_BT is None else positions_BT)
        S = places.keys_1S.shape[1]
        narrow = self.sliding_window is not None and self.sliding_window < S
        simple = not narrow and self.bias is None and attention_mask_BS is None and documents_BT is None
        if simple and self.causal and places.whole:
            return Sight(causal=True, rotation=rotation, source_mask=source_mask)
        hides_future = self.causal and not places.last_sees_all
        allowed_BTS = masks.every(
            masks.causal(places.queries_BT, places.keys_1S) if hides_future else None,
            masks.window(places.queries_BT, places.keys_1S, self.sliding_window or S) if narrow else None,
            None if attention_mask_BS is None else masks.padding(attention_mask_BS),
            None if documents_BT is None else masks.same_document(documents_BT, documents_BT),
        )
        bias_BHTS = None if self.bias is None else self.bias(places.queries_BT, places.keys_1S)
        mask_BHTS = masks.additive(allowed_BTS, bias_BHTS, dtype=dtype)
        return Sight(mask_BHTS=mask_BHTS, rotation=rotation, source_mask=source_mask)
