"""The pipeline: a project in, each stage run once per fingerprint, a verdict and perhaps a release out."""

from __future__ import annotations

__all__: list[str] = []
