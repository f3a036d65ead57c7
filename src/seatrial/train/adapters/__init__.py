"""Adapters: which weights learn. A model → the model to train → a plain transformers model again."""

from __future__ import annotations

from seatrial.registry import Registry
from seatrial.train.adapters.base import Adapter

__all__ = ["ADAPTERS", "Adapter"]

ADAPTERS: Registry[type[Adapter]] = Registry(
    "adapter",
    "seatrial.adapters",
    {
        "full": "seatrial.train.adapters.full:Full",
        "head": "seatrial.train.adapters.head:Head",
        "lora": "seatrial.train.adapters.lora:Lora",
    },
)
