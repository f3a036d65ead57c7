"""The Open Inference Protocol without a transport: what REST and gRPC share of it.

    tensors    names, datatypes, shapes, and elements in JSON or in bytes
    protocol   tensors to texts, predictions to tensors, metadata

Order of knowledge: `protocol` knows `tensors` and the handlers. Nothing here knows JSON texts, protobuf or headers.
"""

from __future__ import annotations

__all__: list[str] = []
