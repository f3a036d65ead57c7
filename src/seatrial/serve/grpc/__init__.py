"""The service over gRPC: the Open Inference Protocol, health and reflection, beside HTTP in the same event loop.

`server.GrpcServer` takes handlers and settings, as `http.app.create_app` does. Needs the extra `grpc`; nothing outside
this package loads gRPC's libraries, and `server` only when it is told to start. Refuses to know: HTTP, models, batches.
"""

from __future__ import annotations

__all__: list[str] = []
