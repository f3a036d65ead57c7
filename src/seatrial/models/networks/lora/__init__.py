"""LoRA: a large network learns a task by small matrices beside its own, which stay as they are.

    W·x  becomes  W·x + (α/r)·B·A·x         A [r, in], B [out, r], r small

    layer       the equation
    targets     which layers of a network, ours or transformers'
    adapt       put the matrices in, count what learns, fold them into the weights again

Source: Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models".
"""

from __future__ import annotations

__all__: list[str] = []
