"""The processes of a service: started, fed with orders, kept alive, stopped without losing a request, measured.

    listening    the socket that outlives a process
    orders       what a supervisor and its process say to each other
    server       one process that serves
    worker       such a process as its supervisor sees it
    supervisor   keeps one alive, with a spare beside it
    latency      measures one from outside, as a client

Order of knowledge: `supervisor` knows `worker`, `orders` and `listening`, `server` the last two. Only `server` knows
HTTP, gRPC and models; a supervisor never loads it, which keeps that process small.
"""

from __future__ import annotations

__all__: list[str] = []
