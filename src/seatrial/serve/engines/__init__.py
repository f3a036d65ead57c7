"""What runs a release's network, by name: token ids in, the network's outputs out.

A file per runtime, each with `load(release, threads) -> Network`. A third party's runtime comes through the same
registry, as an entry point in the group `seatrial.engines`.
"""

from __future__ import annotations

from collections.abc import Callable

from seatrial.records import Release
from seatrial.registry import Registry
from seatrial.serve.engines.base import Network

__all__ = ["ENGINES", "Network"]

ENGINES: Registry[Callable[[Release, int | None], Network]] = Registry(
    "engine",
    "seatrial.engines",
    {
        "onnxruntime": "seatrial.serve.engines.onnx:load",
        "torch": "seatrial.serve.engines.pytorch:load",
    },
)
