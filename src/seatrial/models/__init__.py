"""Models: texts → token ids → logits or vectors, for any transformers encoder.

`encode` needs only the tokenizers library and serves releases too; everything else loads torch when it is called.
"""

from __future__ import annotations

__all__: list[str] = []
