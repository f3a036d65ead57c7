"""What kind of network a model's folder holds, and for what it has a head: read from `config.json` alone.

Refuses to know weights; nothing heavy is imported.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatrial.spec.language import NetworkKind

__all__ = ["Head", "config_of", "head_of", "network_kind_of"]

DECODERS = frozenset(
    (
        *("bloom", "falcon", "gemma", "gemma2", "gemma3_text", "gpt2", "gpt_neo", "gpt_neox", "gptj", "llama"),
        *("mistral", "mixtral", "olmo", "olmo2", "opt", "phi", "phi3", "qwen2", "qwen3", "smollm3", "stablelm"),
    )
)
ENCODERS = frozenset(
    (
        *("albert", "bert", "camembert", "deberta", "deberta-v2", "distilbert", "electra", "ernie", "modernbert"),
        *("mpnet", "nomic_bert", "roberta", "xlm-roberta"),
    )
)
HEADS = {
    "ForSequenceClassification": "text-classification",
    "ForTokenClassification": "token-classification",
    "ForMaskedLM": "masked-lm",
    "ForPreTraining": "masked-lm",
    "ForCausalLM": "causal-lm",
    "LMHeadModel": "causal-lm",
    "ForConditionalGeneration": "seq2seq",
}
"""Ending of an architecture's name → what its head is for."""


@dataclass(frozen=True, slots=True)
class Head:
    """What stands on the body of a model.

    Attributes:
        task: what it is for.
        labels: their names in order; empty where it has none.
    """

    task: str
    labels: tuple[str, ...]


def config_of(folder: Path) -> Mapping[str, Any]:
    """The settings in `config.json`; empty where that is no JSON object."""
    try:
        found = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def network_kind_of(folder: Path) -> NetworkKind | None:
    """Decoder, encoder or encoder-decoder; None where the configuration does not tell."""
    config = config_of(folder)
    own = config.get("network")
    kind = own.get("kind") if config.get("model_type") == "seatrial" and isinstance(own, dict) else None
    if kind in ("decoder", "encoder", "encoder-decoder"):
        found: NetworkKind = kind
        return found
    if config.get("is_encoder_decoder"):
        return "encoder-decoder"
    if config.get("model_type") in DECODERS or config.get("is_decoder"):
        return "decoder"
    return "encoder" if config.get("model_type") in ENCODERS else None


def head_of(folder: Path) -> Head | None:
    """The head of the model in a folder; None where it has none, or one that is not known here."""
    config = config_of(folder)
    architecture = str((config.get("architectures") or [""])[0])
    task = next((task for ending, task in HEADS.items() if architecture.endswith(ending)), None)
    if task is None:
        return None
    names = config.get("id2label")
    labels = tuple(str(names[key]) for key in sorted(names, key=int)) if isinstance(names, dict) else ()
    return Head(task, labels if task.endswith("classification") else ())
