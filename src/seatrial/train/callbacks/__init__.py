"""Callbacks: training records → what someone wants to see of them, one concern per file."""

from __future__ import annotations

from seatrial.train.callbacks.base import Callback

__all__ = ["Callback"]
