"""A network from nothing, as a folder in the Hub layout: from there on it is a pretrained model like any other.

What the project file leaves out is what the best-known network of the kind has: Llama's decoder, BERT's encoder, T5's
encoder-decoder. So the folder, and the release made from it, opens in transformers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seatrial.models.hub_layout import save_network
from seatrial.models.networks import NetworkConfig, build
from seatrial.progress import Progress
from seatrial.spec.language import NetworkKind, NetworkSpec
from seatrial.spec.tokenizer import TokenizerSpec
from seatrial.tokenize.save import save_tokenizer
from seatrial.tokenize.special import begin_texts
from seatrial.tokenize.train import train_tokenizer

__all__ = ["fresh_model", "network_config"]

USUAL: Mapping[NetworkKind, Mapping[str, Any]] = {
    "decoder": {"positions": "rotary", "norm": "rms-norm", "activation": "silu", "gated": True},
    "encoder": {
        "positions": "learned",
        "norm": "layer-norm",
        "norm_place": "post",
        "norm_epsilon": 1e-12,
        "embedding_norm": True,
        "activation": "gelu",
        "gated": False,
        "attention_bias": True,
        "feed_forward_bias": True,
        "token_types": 2,
        "head": "masked-lm",
    },
    "encoder-decoder": {
        "positions": "relative-bias",
        "norm": "rms-norm",
        "activation": "relu",
        "gated": False,
        "attention_scale": 1.0,
        "norm_epsilon": 1e-6,
        "tied": False,  # as T5 1.1; tied, its outputs are scaled down, and learn several times slower
    },
}
GATED_SHARE = 2 / 3
"""A gated layer has three projections instead of two: two thirds of the width make as many weights."""
MULTIPLE = 8


def fresh_model(
    texts: Sequence[str],
    network: NetworkSpec,
    tokenizer: TokenizerSpec | None,
    *,
    kind: NetworkKind,
    max_length: int,
    seed: int,
    out: Path,
    progress: Progress,
) -> None:
    """Train a tokenizer on `texts`, draw weights, and write both.

    Args:
        texts: the training split.
        network: its architecture.
        tokenizer: how its tokenizer is trained; None takes the default of that section.
        kind: of network, as the task wants it.
        max_length: tokens that it is given at once.
        seed: of the weights.
        out: an existing folder.
        progress: hears the tokenizer's training.

    Raises:
        SpecError: a combination that is no network, or a vocabulary that cannot be.
    """
    import torch

    spec = tokenizer or TokenizerSpec(method="wordpiece" if kind == "encoder" else "bpe")
    trained = train_tokenizer(texts, spec, progress=progress)
    if kind == "decoder":
        begin_texts(trained)
    save_tokenizer(trained, out, chat=spec.chat, max_length=max_length)
    roles: dict[str, Any] = json.loads((out / "tokenizer_config.json").read_text(encoding="utf-8"))
    found = {role: trained.token_to_id(roles.get(f"{role}_token", "")) for role in ("pad", "bos", "eos")}
    ids = {role: number for role, number in found.items() if number is not None}
    config = network_config(network, kind, vocabulary=trained.get_vocab_size(), max_length=max_length, ids=ids)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        save_network(build(config), out)


def network_config(
    network: NetworkSpec, kind: NetworkKind, *, vocabulary: int, max_length: int, ids: Mapping[str, int]
) -> NetworkConfig:
    """The configuration with everything that the project file leaves out.

    Args:
        network: the section of the project file.
        kind: of network.
        vocabulary: tokens.
        max_length: the longest text in tokens.
        ids: of the tokens pad, bos and eos, where the tokenizer has them.
    """
    given = {name: value for name, value in network.model_dump().items() if value is not None}
    settings: dict[str, Any] = {**USUAL[kind], **given}
    if settings.get("gated") and network.feed_forward_width is None:
        settings["feed_forward_width"] = -(-int(4 * network.width * GATED_SHARE) // MULTIPLE) * MULTIPLE
    settings |= {f"{role}_id": number for role, number in ids.items()}
    if kind == "encoder-decoder":
        settings["start_id"] = ids.get("pad")
        if settings.get("tied", True):
            settings["logit_scale"] = network.width**-0.5
    return NetworkConfig(kind=kind, vocab_size=vocabulary, max_positions=max_length, **settings)
