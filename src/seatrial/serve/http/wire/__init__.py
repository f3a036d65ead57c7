"""Bytes of a socket → requests that are worth the application's time, or a refusal.

    guards     what all connections share, and the refusals of what never arrives
    parsing    a request is read strictly
    protocol   one connection, bounded in time

Order of knowledge: `protocol` knows `parsing`, which knows `guards`. Nothing here knows a route.
"""

from __future__ import annotations

__all__: list[str] = []
