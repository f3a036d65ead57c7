"""Networks from scratch: a language model out of tensors and nothing else.

    token ids [B, T] ─ embedding ─▶ [B, T, E] ─ block ─▶ … ─ block ─▶ [B, T, E] ─ head ─▶ logits [B, T, V]

A block mixes positions (attention) and then works on each position alone (feed-forward). `docs/models/README.md` gives
an order to read the files in; each holds one idea, with its equation and its paper.

The names of tensors end in their shape:

    B  texts in a batch           H  heads of the queries          E  width of the model
    T  query positions            K  heads of keys and values      F  width within the feed-forward layer
    S  key positions              D  width of a head               V  tokens in the vocabulary
    N  slots of a cache           C  positions that a slot holds   1  broadcast: the same for all

Refuses to know: texts, tokenizers, files, losses, how weights learn. Modules here import torch when they are imported,
except `config`; nothing that must start quickly imports them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seatrial.models.networks.config import NetworkConfig

if TYPE_CHECKING:
    from torch import nn

__all__ = ["NetworkConfig", "build"]


def build(config: NetworkConfig) -> nn.Module:
    """The network that `config` describes, with fresh weights from torch's global random numbers.

    Returns:
        By `config.kind` and `config.head`: an `Encoder`, a `MaskedLanguageModel`, a `Decoder` or an `EncoderDecoder`,
        in training mode, on the CPU, in fp32.
    """
    from seatrial.models.networks.assemble import assemble

    return assemble(config)
