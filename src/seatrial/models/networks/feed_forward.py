"""The feed-forward layer: each position by itself is widened, bent by an activation, and narrowed again.

    plain:  W₂·act(W₁·x)                 act: ReLU, GELU exact or by tanh, SiLU
    gated:  W₂·(act(W_g·x) ⊙ W₁·x)       with SiLU this is SwiGLU, with GELU GEGLU

    ReLU(x) = max(x, 0)    GELU(x) = x·Φ(x)    SiLU(x) = x·σ(x)
    GELU by tanh: ½x(1 + tanh(√(2/π)(x + 0.044715·x³))), an approximation that GPT-2 and T5 were trained with

Source: Vaswani et al. 2017, "Attention Is All You Need", §3.3; Hendrycks & Gimpel 2016, "Gaussian Error Linear Units",
§2; Shazeer 2020, "GLU Variants Improve Transformer", equations 5 and 6.

Shapes: B batch, T positions, E width of the model, F width within.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import Tensor, nn
from torch.nn import functional

from seatrial.models.networks.config import Activation, NetworkConfig

__all__ = ["ACTIVATIONS", "FeedForward"]


def _gelu_tanh(x: Tensor) -> Tensor:
    return functional.gelu(x, approximate="tanh")


ACTIVATIONS: Mapping[Activation, Callable[[Tensor], Tensor]] = {
    "relu": functional.relu,
    "gelu": functional.gelu,
    "gelu-tanh": _gelu_tanh,
    "silu": functional.silu,
}


class FeedForward(nn.Module):
    """Two projections with an activation between them, or three where one of them gates.

    Args:
        config: its width, feed-forward width, activation, `gated` and `feed_forward_bias` are used.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        bias = config.feed_forward_bias
        self.gate = nn.Linear(config.width, config.inner_width, bias=bias) if config.gated else None
        self.up = nn.Linear(config.width, config.inner_width, bias=bias)
        self.down = nn.Linear(config.inner_width, config.width, bias=bias)
        self.activation = ACTIVATIONS[config.activation]

    def forward(self, x_BTE: Tensor) -> Tensor:
        """[B, T, E] → [B, T, E]."""
        up_BTF = self.up(x_BTE)
        bent_BTF = self.activation(up_BTF) if self.gate is None else self.activation(self.gate(x_BTE)) * up_BTF
        y_BTE: Tensor = self.down(bent_BTF)
        return y_BTE
