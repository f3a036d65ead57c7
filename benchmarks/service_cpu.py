"""Where a service's CPU time goes, from the kernel's own counters: the event loop, everything else.

Refuses to know: loads and figures.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import psutil

__all__ = ["cpu_seconds"]


def cpu_seconds(url: str) -> dict[str, float]:
    """CPU seconds so far of the process that listens at a URL, and of its children.

    Args:
        url: of a service on this machine.

    Returns:
        `loop`: the main threads, which run the event loop and the protocol; `other`: threads that tokenize and compute.
    """
    port = urlsplit(url).port
    listening = {
        found.pid
        for found in psutil.net_connections("tcp")
        if found.status == psutil.CONN_LISTEN and found.laddr.port == port and found.pid is not None
    }
    processes = {process for pid in listening for process in (psutil.Process(pid), *psutil.Process(pid).children(True))}
    seconds = {"loop": 0.0, "other": 0.0}
    for process in processes:
        for thread in process.threads():
            part = "loop" if thread.id == process.pid else "other"
            seconds[part] += thread.user_time + thread.system_time
    return seconds
