"""Heads: small modules on top of the hidden states that say what the network is asked.

    output layer      logits = s·x·W_outᵀ                  which token comes next
    masked-LM head    logits = norm(act(x·W + b))·W_outᵀ + c     which token is hidden here
    pooler            tanh(x₀·W + b)                       one vector for the whole text, from its first token

W_out may be the table of the embedding itself (tied): one matrix fewer, and what is learned about a token as output is
known about it as input.

Source: Press & Wolf 2017, "Using the Output Embedding to Improve Language Models", §3; Devlin et al. 2019, "BERT",
§3.1 and its published code.

Shapes: B batch, T positions, E width of the model, V vocabulary.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from seatrial.models.networks.config import NetworkConfig
from seatrial.models.networks.feed_forward import ACTIVATIONS
from seatrial.models.networks.norms import norm

__all__ = ["MaskedLMHead", "OutputLayer", "Pooler"]


class OutputLayer(nn.Module):
    """Hidden states → a score for each token of the vocabulary.

    Args:
        config: its vocabulary, width, `tied` and `logit_scale` are used.
        tokens: the table of the embedding, which is shared when `tied`.
    """

    def __init__(self, config: NetworkConfig, tokens: nn.Embedding) -> None:
        super().__init__()
        self.scale = config.logit_scale
        self.vocabulary = nn.Linear(config.width, config.vocab_size, bias=False)
        if config.tied:
            self.vocabulary.weight = tokens.weight

    def forward(self, x_BTE: Tensor) -> Tensor:
        """[B, T, E] → [B, T, V]."""
        logits_BTV: Tensor = self.vocabulary(x_BTE if self.scale == 1 else x_BTE * self.scale)
        return logits_BTV


class MaskedLMHead(nn.Module):
    """Hidden states → a score for each token that may be hidden there.

    Args:
        config: of the encoder.
        tokens: the table of the embedding, which is shared when `tied`.
    """

    def __init__(self, config: NetworkConfig, tokens: nn.Embedding) -> None:
        super().__init__()
        self.dense = nn.Linear(config.width, config.width)
        self.activation = ACTIVATIONS[config.activation]
        self.norm = norm(config)
        self.output = OutputLayer(config, tokens)
        self.bias = nn.Parameter(torch.zeros(config.vocab_size))

    def forward(self, x_BTE: Tensor) -> Tensor:
        """[B, T, E] → [B, T, V]."""
        y_BTE = self.norm(self.activation(self.dense(x_BTE)))
        logits_BTV: Tensor = self.output(y_BTE) + self.bias
        return logits_BTV


class Pooler(nn.Module):
    """Hidden states → one vector per text.

    Args:
        config: its width is used.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.dense = nn.Linear(config.width, config.width)

    def forward(self, x_BTE: Tensor) -> Tensor:
        """[B, T, E] → [B, E]."""
        return torch.tanh(self.dense(x_BTE[:, 0]))
