"""Export: a trained model in → one proven ONNX file, a release folder, a session that runs it out.

`session` and `release` need the base install only; `onnx` needs torch and transformers.
"""

from __future__ import annotations

__all__: list[str] = []
