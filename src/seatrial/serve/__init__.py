"""Serving: a release folder → a running HTTP service.

Inputs: a release (`seatrial.export.release.load_release`) and `ServeSettings`. Outputs: answers.

    http/ ─▶ handlers ─▶ batching ─▶ engine

`engine` runs the model, `batching` groups what arrives together, `handlers` say what a request means, and `http` turns
bytes into requests and answers into bytes. Each knows only what is to its right. `server` starts it all, `latency`
measures it from outside as a client sees it. Nothing here loads torch.
"""

from __future__ import annotations

from seatrial.serve.settings import ServeSettings

__all__ = ["ServeSettings"]
