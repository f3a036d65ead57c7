"""An encoder whose output is one unit vector per text: the mean of its last hidden states, normalised.

This module imports torch when it is imported; import it where it is used. Refuses to know: texts, what a vector is for.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    import transformers

__all__ = ["MeanPooled"]


class MeanPooled(torch.nn.Module):
    """Mean pooling over the tokens of a text, special ones included and padding left out, then length 1 (L2).

    Args:
        encoder: a transformers model without a head, one that gives `last_hidden_state`.

    Source: Reimers & Gurevych 2019, "Sentence-BERT", §3; the same function as sentence-transformers' Pooling (mean)
    and Normalize.
    """

    def __init__(self, encoder: transformers.PreTrainedModel) -> None:
        super().__init__()
        self.encoder = encoder

    @property
    def config(self) -> Any:
        """The encoder's configuration."""
        return self.encoder.config

    def set_attn_implementation(self, name: str) -> None:
        """Choose the encoder's attention, as transformers' method of this name does."""
        self.encoder.set_attn_implementation(name)

    def save_pretrained(self, folder: Path) -> None:
        """Write the encoder, which holds all weights; transformers loads the folder."""
        self.encoder.save_pretrained(folder)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor | None = None) -> torch.Tensor:
        """Unit vectors [texts, hidden] of token ids [texts, tokens]; the mask is 1 for text and 0 for padding."""
        hidden: torch.Tensor = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        if attention_mask is None:
            mean = hidden.mean(dim=1)
        else:
            weights = attention_mask.unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)
        return torch.nn.functional.normalize(mean, p=2.0, dim=1)
