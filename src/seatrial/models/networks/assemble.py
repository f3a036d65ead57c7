"""Configuration → network: the one place that knows every kind of network."""

from __future__ import annotations

from torch import nn

from seatrial.models.networks.config import NetworkConfig
from seatrial.models.networks.decoder import Decoder
from seatrial.models.networks.encoder import Encoder, MaskedLanguageModel
from seatrial.models.networks.encoder_decoder import EncoderDecoder
from seatrial.models.networks.initialize import initialize

__all__ = ["assemble"]


def assemble(config: NetworkConfig, *, fresh: bool = True) -> nn.Module:
    """The network that `config` describes; see `seatrial.models.networks.build`.

    Args:
        config: what to build.
        fresh: give it the weights to start training with; False saves the time where others will be loaded.
    """
    network: nn.Module
    if config.kind == "decoder":
        network = Decoder(config)
    elif config.kind == "encoder-decoder":
        network = EncoderDecoder(config)
    elif config.head == "masked-lm":
        network = MaskedLanguageModel(config)
    else:
        network = Encoder(config)
    if fresh:
        initialize(network, config.init_std)
    return network
