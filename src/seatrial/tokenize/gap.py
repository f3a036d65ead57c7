"""The control tokens between which a model that fills gaps finds what stands before the gap and what stands behind it.

    FIRST before SECOND behind THIRD → what belongs between

Refuses to know: networks, and how gaps are learned.

Source: Bavarian et al. 2022, "Efficient Training of Language Models to Fill in the Middle", §3 (prefix first).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["GAP", "gap_ids"]

GAP = ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")
"""As our own models have them, and Qwen's."""
SPELLINGS = (
    GAP,
    ("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),  # StarCoder
    ("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),  # DeepSeek
)


def gap_ids(tokenizer: Tokenizer) -> tuple[int, int, int] | None:
    """The numbers of the three tokens, or None where a tokenizer lacks one of them."""
    for first, second, third in SPELLINGS:
        found = tokenizer.token_to_id(first), tokenizer.token_to_id(second), tokenizer.token_to_id(third)
        if found[0] is not None and found[1] is not None and found[2] is not None:
            return found[0], found[1], found[2]
    return None
