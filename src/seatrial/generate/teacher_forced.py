"""An engine as a module of torch: token ids in, the logits of every position out, as a network in training gives them.

So whatever judges a network by its logits judges an engine, too, in the arithmetic that answers are written with. Texts
are read in the portions in which a scheduler reads prompts. Refuses to know: what is foreseen, and how it is judged.

Shapes: B texts of a batch, T tokens of the longest, V vocabulary.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from seatrial.generate.base import Engine

if TYPE_CHECKING:
    import torch

__all__ = ["teacher_forced"]

PORTION = 128
"""Tokens read in one call, as `scheduler.Scheduler` does: logits of rounded models depend a little on it."""


def teacher_forced(engine: Engine) -> torch.nn.Module:
    """A module that is called as transformers' causal models are: with `input_ids` [B, T], padded on the right; what it
    gives has `logits` [B, T, V], and its `config` has `vocab_size`.

    Args:
        engine: slot 0 is used, and left empty.
    """
    import torch

    class TeacherForced(torch.nn.Module):
        config = SimpleNamespace(vocab_size=engine.vocabulary)

        def __init__(self) -> None:
            super().__init__()
            self.nothing = torch.nn.Parameter(torch.empty(0), requires_grad=False)  # says where it is: on the CPU

        def forward(self, input_ids: torch.Tensor, **_: Any) -> SimpleNamespace:
            logits = torch.empty((*input_ids.shape, engine.vocabulary))
            for row, ids in enumerate(input_ids.tolist()):
                for start in range(0, len(ids), PORTION):
                    part = ids[start : start + PORTION]
                    found = engine.prefill(0, part, last=len(part))
                    logits[row, start : start + len(part)] = torch.from_numpy(found)
                engine.trim(0, 0)
            return SimpleNamespace(logits=logits)

    return TeacherForced().eval()
