"""Serving: release folders → a running service, over HTTP and gRPC.

Inputs: releases (`seatrial.export.release.load_release`) and `ServeSettings`. Outputs: answers.

    process/ ─▶ http/ | grpc/ ─▶ oip/ ─▶ handlers ─▶ watch/ ─▶ catalog ─▶ served ─▶ queue/ | engine ─▶ engines/

`engine` makes answers of texts, `engines/` run the network, `queue/` groups what arrives together, `served` is one
version of one model, and `generation/` the same for a model that answers with texts; `loading` makes either of a
release, `catalog` knows them by name, `watch/` shows what happens, `handlers` and `generating` say what a request
means, `conversation/` is what the latter remembers, `oip/` is what REST and gRPC share, the transports turn bytes into
requests and answers into bytes, and `process/` gives all of it a process that is kept alive. Each knows only what is to
its right; import-linter holds them to it. Beside that line: `access`, `keys`, `quota`, `loopback` and `cache`; `call`,
`prediction` and `refusals`, the words that all protocols share; `in_service` and `golden`; `reload` brings new versions
and `memory` gives back what old ones held. With the default runtime nothing here loads torch.
"""

from __future__ import annotations

from seatrial.serve.settings import ServeSettings

__all__ = ["ServeSettings"]
