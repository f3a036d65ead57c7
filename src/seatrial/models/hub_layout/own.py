"""Our own layout, for networks that no published one can hold: our settings and our names as they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, fields
from typing import Any

from seatrial.errors import ResolveError
from seatrial.models.hub_layout.base import Place
from seatrial.models.networks.config import NetworkConfig

__all__ = ["Own"]


class Own:
    """The layout `seatrial`."""

    prefix = ""
    ignored = r"(?!)"
    output = ("", "")  # what is tied stands in our settings

    def read_config(self, settings: Mapping[str, Any], tensors: Collection[str]) -> NetworkConfig:
        found = settings.get("network")
        known = {field.name for field in fields(NetworkConfig)}
        if not isinstance(found, dict) or not set(found) <= known:
            strange = sorted(set(found) - known) if isinstance(found, dict) else []
            raise ResolveError(
                f"not settings of a network: {', '.join(strange) or 'none are there'}", where="config.json: network"
            )
        values: dict[str, Any] = {}
        for key, value in found.items():
            values[key] = tuple(value) if isinstance(value, list) else value
        try:
            return NetworkConfig(**values)
        except TypeError as error:
            raise ResolveError(f"not settings of a network: {error}", where="config.json: network") from error

    def write_config(self, config: NetworkConfig) -> dict[str, Any]:
        return {"model_type": "seatrial", "network": asdict(config)}

    def misfit(self, config: NetworkConfig) -> str | None:
        return None

    def places(self, config: NetworkConfig) -> dict[str, Place]:
        import torch

        from seatrial.models.networks.assemble import assemble

        with torch.device("meta"):  # shapes without memory: only the names are wanted
            network = assemble(config, fresh=False)
        return {name: Place(name) for name, _ in network.named_parameters()}
