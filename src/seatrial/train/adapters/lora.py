"""Low-rank updates learn beside frozen weights; they are merged into them at the end.

Through peft where a new head learns beside them; a language model, which has none, and a body under several heads get
the layers that are written out in `models.networks.lora`.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from seatrial.errors import SpecError, TrainingError
from seatrial.spec.training import TrainingSpec
from seatrial.train.adapters.base import HasHeads, encoder_name, head_names

if TYPE_CHECKING:
    import torch

__all__ = ["Lora"]

ALL_LINEAR = "all-linear"


class Lora:
    """The adapter `lora`: updates on the linear layers of the blocks that `training.lora.targets` says, and the whole
    head where it is new.

    Source: Hu et al., LoRA (2021); on all linear layers after Dettmers et al., QLoRA (2023), §4.
    """

    learning_rate = 2e-3

    def __init__(self, spec: TrainingSpec) -> None:
        self.spec = spec.lora

    def prepare(self, model: torch.nn.Module, *, new_head: bool = True) -> torch.nn.Module:
        if not new_head or isinstance(model, HasHeads):
            from seatrial.models.networks.lora.adapt import adapt

            targets = _found(model, self.spec.targets)
            adapt(model, self.spec.rank, self.spec.alpha, targets, dropout=self.spec.dropout)
            for parameter in model.head_parameters() if isinstance(model, HasHeads) else ():
                parameter.requires_grad_(True)
            return model
        from peft import LoraConfig, get_peft_model
        from torch.nn import Linear

        encoder, head = encoder_name(model), head_names(model)
        chosen = None if self.spec.targets == ALL_LINEAR else set(_found(model, self.spec.targets))
        names = [
            name
            for name, module in model.named_modules()
            if isinstance(module, Linear)
            and (chosen is None or name in chosen)
            and name.startswith(f"{encoder}.")
            and not any(name == part or name.startswith(f"{part}.") for part in head)
        ]
        if not names:
            raise TrainingError(
                f"{type(model).__name__} has no linear layer to adapt",
                where="training.adapt",
                hint="set training.adapt to full or head",
            )
        settings = LoraConfig(
            r=self.spec.rank,
            lora_alpha=self.spec.alpha,
            lora_dropout=self.spec.dropout,
            target_modules=names,
            modules_to_save=head,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # peft asks for a property that transformers 6 will rename
            return cast("torch.nn.Module", get_peft_model(model, settings))

    def keep(self, model: torch.nn.Module, folder: Path, *, base: str | None) -> None:
        """The updates of a language model, as peft keeps them. Beside a new head they are no whole, and nothing is
        written."""
        from seatrial.models.networks.lora.adapt import lora_layers

        if lora_layers(model) and not isinstance(model, HasHeads):
            from seatrial.models.adapter_files import save_adapter

            folder.mkdir(parents=True, exist_ok=True)
            save_adapter(model, folder, base=base)

    def finish(self, model: torch.nn.Module) -> torch.nn.Module:
        from seatrial.models.networks.lora.adapt import fold, lora_layers

        if lora_layers(model):
            return fold(model)
        merged = cast("torch.nn.Module", cast("Any", model).merge_and_unload())
        return merged.requires_grad_(True)


def _found(model: torch.nn.Module, targets: str | Sequence[str]) -> tuple[str, ...]:
    """Names of the layers that the project file means."""
    from seatrial.models.networks.lora.targets import find_targets

    try:
        return find_targets(model, targets)
    except SpecError as error:
        raise SpecError(
            error.message, where="training.lora.targets", expected=error.expected, hint=error.hint
        ) from error
