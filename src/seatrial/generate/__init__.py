"""Decoding: token ids in, token ids out, one at a time; many requests share the steps of one engine.

`engines/` run a network behind the protocol in `base`; `sampling/` chooses a token from logits; `scheduler` lets
requests join and leave a running batch at each step; `runner` is the thread that owns an engine, and `stream` what a
caller reads. `beam` and `lookup` are search and speculation. `remote` asks another server for text instead.

Refuses to know: texts, templates, tokenizers, transports. A third party's engine comes through the same registry, as
an entry point in the group `seatrial.generation_engines`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seatrial.registry import Registry

if TYPE_CHECKING:
    from seatrial.generate.base import OpenEngine

__all__ = ["ENGINES"]

ENGINES: Registry[OpenEngine] = Registry(
    "decoding engine",
    "seatrial.generation_engines",
    {
        "onnxruntime": "seatrial.generate.engines.onnx:open_engine",
        "torch": "seatrial.generate.engines.networks:open_engine",
        "transformers": "seatrial.generate.engines.transformers:open_engine",
    },
)
"""Name → ``open_engine(folder, slots=…, context=…, threads=…)``."""
