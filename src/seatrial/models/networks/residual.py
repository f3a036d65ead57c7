"""The residual sum: a sublayer adds to its input and never replaces it, so gradients reach every block unhindered.

    pre-norm:   x + f(norm(x))        the sum itself is never normalised; one norm follows the last block
    post-norm:  norm(x + f(x))        as in the first transformer and in BERT; deep stacks need a warm-up

Source: He et al. 2016, "Deep Residual Learning", §3.2; Xiong et al. 2020, "On Layer Normalization in the Transformer
Architecture", §3.

Shapes: B batch, T positions, E width of the model.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from seatrial.models.networks.config import NormPlace

__all__ = ["residual"]


def residual(
    x_BTE: Tensor,
    sublayer: Callable[[Tensor], Tensor],
    *,
    norm: nn.Module,
    norm_place: NormPlace,
    dropout: nn.Module,
) -> Tensor:
    """`sublayer` around its input: [B, T, E] → [B, T, E]."""
    if norm_place == "pre":
        y_BTE: Tensor = x_BTE + dropout(sublayer(norm(x_BTE)))
    else:
        y_BTE = norm(x_BTE + dropout(sublayer(x_BTE)))
    return y_BTE
