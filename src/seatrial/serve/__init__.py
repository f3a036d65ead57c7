"""Serving: release folders → a running service, over HTTP and gRPC.

Inputs: releases (`seatrial.export.release.load_release`) and `ServeSettings`. Outputs: answers.

    http/ | grpc/ ─▶ handlers ─▶ catalog ─▶ served ─▶ batching ─▶ engine ─▶ engines/

`engine` makes answers of texts, `engines/` run the network, `batching` groups what arrives together, `served` is one
version of one model, `catalog` knows them by name, `handlers` say what a request means, and the transports turn bytes
into requests and answers into bytes. Each knows only what is to its right. Beside that line: `access`, `keys`, `quota`
and `cache`; `metrics`, `logs`, `tracing` and the `trail` that they are made from; `reload` brings new versions.
`server` is one process that serves and `supervisor` keeps it alive; `latency` measures it from outside as a client sees
it. With the default runtime nothing here loads torch.
"""

from __future__ import annotations

from seatrial.serve.settings import ServeSettings

__all__ = ["ServeSettings"]
