"""HTTP: bytes → requests for the handlers, answers → bytes.

`app` puts it together, `predict` is the hot path, `pages` and `operations` are the other routes, `limits` guards what
comes in, `errors` is the one table from exceptions to statuses, `metrics` counts.
"""

from __future__ import annotations

__all__: list[str] = []
