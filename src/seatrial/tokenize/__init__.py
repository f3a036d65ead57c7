"""Tokenizers: texts ↔ token ids. Needs the tokenizers library only, and serves releases too."""

from __future__ import annotations

__all__: list[str] = []
