"""What a compression method is."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

__all__ = ["Method"]


class Method(Protocol):
    """A callable that makes one candidate from the exported model."""

    def __call__(self, source: Path, out: Path) -> None:
        """Write the compressed model.

        Args:
            source: an ONNX file that `export_onnx` wrote; it is not changed.
            out: the file to write; its folder exists.
        """
