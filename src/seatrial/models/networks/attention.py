"""Scaled dot-product attention: each query takes a weighted mean of the values, weighted by how its key fits.

    attention(Q, K, V) = softmax(s·QKᵀ + M) V          s = 1/√D unless said otherwise

Source: Vaswani et al. 2017, "Attention Is All You Need", §3.2.1, equation 1.

Shapes: B batch, T query positions, S key positions, H heads, K key-value heads, D width of a head.
"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from seatrial.models.networks import masks

__all__ = ["Implementation", "attend", "attend_explicitly"]

Implementation = Literal["fused", "explicit"]


def attend(
    query_BHTD: Tensor,
    key_BKSD: Tensor,
    value_BKSD: Tensor,
    *,
    mask_BHTS: Tensor | None = None,
    causal: bool = False,
    scale: float | None = None,
    dropout: float = 0.0,
    implementation: Implementation = "fused",
) -> Tensor:
    """What each query finds among the values.

    Args:
        query_BHTD: what each position looks for.
        key_BKSD: what each position offers; H is a multiple of K.
        value_BKSD: what is fetched from there.
        mask_BHTS: added to the scores, see `masks.additive`; B and H may be 1.
        causal: query t sees the keys 0 to t; only where queries and keys are the same positions (S = T), and no mask.
        scale: what scores are multiplied with; None: 1/√D, which keeps their variance near 1.
        dropout: share of the weights that are dropped.
        implementation: ``"fused"`` is torch's, which never holds all scores at once; ``"explicit"`` is the equation.
            Both give the same numbers and gradients.

    Returns:
        [B, H, T, D].
    """
    if implementation == "explicit":
        return attend_explicitly(
            query_BHTD, key_BKSD, value_BKSD, mask_BHTS=mask_BHTS, causal=causal, scale=scale, dropout=dropout
        )
    return functional.scaled_dot_product_attention(
        query_BHTD,
        key_BKSD,
        value_BKSD,
        attn_mask=mask_BHTS,
        dropout_p=dropout,
        is_causal=causal,
        scale=scale,
        enable_gqa=query_BHTD.shape[1] != key_BKSD.shape[1],
    )


def attend_explicitly(
    query_BHTD: Tensor,
    key_BKSD: Tensor,
    value_BKSD: Tensor,
    *,
    mask_BHTS: Tensor | None = None,
    causal: bool = False,
    scale: float | None = None,
    dropout: float = 0.0,
) -> Tensor:
    """The equation, line by line; arguments as for `attend`."""
    heads, length, head_width = query_BHTD.shape[1:]
    key_BHSD = _repeat_heads(key_BKSD, heads)
    value_BHSD = _repeat_heads(value_BKSD, heads)
    scale = 1 / math.sqrt(head_width) if scale is None else scale

    scores_BHTS = scale * query_BHTD @ key_BHSD.transpose(-2, -1)
    if causal:
        places_1T = torch.arange(length, device=query_BHTD.device)[None]
        mask_BHTS = masks.additive(masks.causal(places_1T, places_1T), dtype=query_BHTD.dtype)
    if mask_BHTS is not None:
        scores_BHTS = scores_BHTS + mask_BHTS
    weights_BHTS = scores_BHTS.softmax(dim=-1)
    weights_BHTS = functional.dropout(weights_BHTS, dropout)
    return weights_BHTS @ value_BHSD


def _repeat_heads(x_BKSD: Tensor, heads: int) -> Tensor:
    """Each head of keys or values as often as there are queries that share it: [B, H, S, D].

    Source: Ainslie et al. 2023, "GQA", §2.2; with K = 1, Shazeer 2019, "Fast Transformer Decoding", §3.
    """
    return x_BKSD.repeat_interleave(heads // x_BKSD.shape[1], dim=1)
