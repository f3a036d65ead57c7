"""Texts and a schedule → what a service answered, when, and what it refused.

`run` loads a service from an open loop (requests leave on a schedule, whether or not answers came) or a closed one
(each client waits for its answer); `open_loop` and `closed_loop` are the same for a caller with an event loop of its
own; `find_knee` searches the highest rate that still meets a latency. One thread and raw sockets, because the generator
usually shares the machine with the service that it measures.
"""

from __future__ import annotations

from seatrial.load.answers import Answer
from seatrial.load.generator import closed_loop, open_loop, run
from seatrial.load.knee import Knee, Probe, find_knee
from seatrial.load.result import LoadResult
from seatrial.load.sending import Sending

__all__ = ["Answer", "Knee", "LoadResult", "Probe", "Sending", "closed_loop", "find_knee", "open_loop", "run"]
