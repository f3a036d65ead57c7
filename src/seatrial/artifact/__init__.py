"""Artifacts: a folder in, an immutable, hashed, verified folder out.

Nothing is ever half-written: a temporary folder beside the target, fsync, manifest last, rename, fsync of the parent.
"""

from __future__ import annotations

__all__: list[str] = []
