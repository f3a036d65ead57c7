"""How long a text a model can read. Refuses to know tokenizers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seatrial.errors import SpecError

if TYPE_CHECKING:
    import torch

__all__ = ["check_length", "longest_input"]


def longest_input(model: torch.nn.Module) -> int | None:
    """Tokens that the model's table of positions has room for, or None where positions have no table.

    RoBERTa and its kin count positions from the padding id + 1 and so lose the first rows of the table.
    """
    from torch.nn import Embedding

    for name, module in model.named_modules():
        if name.endswith("position_embeddings") and isinstance(module, Embedding):
            return module.num_embeddings - (0 if module.padding_idx is None else module.padding_idx + 1)
    return None


def check_length(model: torch.nn.Module, max_length: int) -> None:
    """Raise SpecError when texts of `max_length` tokens do not fit into the model."""
    longest = longest_input(model)
    if longest is not None and max_length > longest:
        raise SpecError(
            f"this model reads at most {longest} tokens, not {max_length}",
            where="model.max_length",
            hint=f"set model.max_length to {longest} or less",
        )
