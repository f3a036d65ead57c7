"""A folder → the language model in it: one of our networks where its layout is one of ours, else transformers' class.

Refuses to know: tokenizers, training.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seatrial.errors import ResolveError
from seatrial.models.hub_layout import LAYOUTS, load_network
from seatrial.models.quiet import quiet_transformers

if TYPE_CHECKING:
    import torch

    from seatrial.models.networks import NetworkConfig

__all__ = ["lacks_masked_head", "load_causal", "load_masked", "load_masked_of_transformers", "load_pair"]


def load_causal(folder: Path) -> torch.nn.Module:
    """A decoder that foresees the next token; call it through `models.language_logits`.

    Raises:
        OSError, ValueError: there is no such model.
    """
    return _ours(folder, lambda config: config.kind == "decoder") or _theirs(folder, "AutoModelForCausalLM")


def load_masked(folder: Path) -> torch.nn.Module:
    """An encoder that foresees hidden tokens; where the folder lacks the head for it, one from torch's RNG.

    Raises:
        OSError, ValueError: there is no such model.
    """
    return _ours(folder, lambda config: config.head == "masked-lm") or _theirs(folder, "AutoModelForMaskedLM")


def lacks_masked_head(folder: Path) -> bool:
    """Whether `load_masked` would make a head of random weights.

    Raises:
        OSError, ValueError: there is no such model.
    """
    if _ours(folder, lambda config: config.head == "masked-lm"):
        return False
    from transformers import AutoModelForMaskedLM

    with quiet_transformers():
        _, told = AutoModelForMaskedLM.from_pretrained(
            folder, dtype="float32", local_files_only=True, output_loading_info=True
        )
    return bool(told["missing_keys"])


def load_masked_of_transformers(folder: Path) -> torch.nn.Module:
    """The same as transformers' class, whatever could hold it here.

    Raises:
        OSError, ValueError: there is no such model.
    """
    return _theirs(folder, "AutoModelForMaskedLM")


def load_pair(folder: Path) -> torch.nn.Module:
    """An encoder-decoder that writes a text for another.

    Raises:
        OSError, ValueError: there is no such model.
    """
    return _ours(folder, lambda config: config.kind == "encoder-decoder") or _theirs(folder, "AutoModelForSeq2SeqLM")


def _ours(folder: Path, fits: Callable[[NetworkConfig], bool]) -> torch.nn.Module | None:
    """The network of ours, or None where it is not one, or not one of this kind."""
    kind = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("model_type")
    if kind not in LAYOUTS:
        return None
    try:
        network = load_network(folder)
    except ResolveError:  # a variant that only transformers follows, or weights of another head
        return None
    config: Any = network.config
    return network if fits(config) else None


def _theirs(folder: Path, name: str) -> torch.nn.Module:
    import transformers

    with quiet_transformers():  # it reports a new head as if that were a fault
        model: torch.nn.Module = getattr(transformers, name).from_pretrained(
            folder, dtype="float32", local_files_only=True
        )
    return model
