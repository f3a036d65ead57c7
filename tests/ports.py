"""A port for a program that a test starts, where the program cannot choose one itself.

Between the moment in which a port is found free and that in which the program takes it, any connection of this machine
could get it as its own end. So it comes from below the range from which the kernel gives those.
"""

from __future__ import annotations

import random
import socket
from pathlib import Path

__all__ = ["free_port"]

RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
LOWEST, USUAL_FIRST = 10_000, 32_768


def free_port(host: str = "127.0.0.1") -> int:
    """A port on which nobody listens and which no outgoing connection gets; another one for whoever asks meanwhile."""
    first = int(RANGE.read_text().split()[0]) if RANGE.exists() else USUAL_FIRST
    chance = random.SystemRandom()  # another than that of the tests, which is the same in every run at the same time
    for _ in range(1000):
        port = chance.randrange(LOWEST, first) if first > LOWEST else 0
        try:
            with socket.create_server((host, port)) as probe:
                found: int = probe.getsockname()[1]
                return found
        except OSError:
            continue
    raise AssertionError(f"no port is free between {LOWEST} and {first}")
