"""A serving process as its supervisor sees it: started, told what to do, heard, ended.

Refuses to know: when and why.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress

from seatrial.errors import SeatrialError
from seatrial.serve.process.orders import Addresses, Order, read_report

__all__ = ["Worker"]

LOG = logging.getLogger("seatrial.serve")


class Worker:
    """A process that serves, or waits for the word to do so.

    Args:
        listener: a socket that listens; the process gets a copy.
        order: what to serve, and how.

    Attributes:
        process: the process.
        ready_since: since when it answers, on `time.monotonic`'s clock; None before.
        failure: why it cannot serve, if it said so.
    """

    def __init__(self, listener: socket.socket, order: Order) -> None:
        descriptor = listener.fileno()
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "seatrial.serve", "--supervised", str(descriptor)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(descriptor,),
            process_group=0,  # Ctrl-C in a terminal is for this process, which tells the others
        )
        assert self.process.stdout is not None
        os.set_blocking(self.process.stdout.fileno(), False)
        self.ready_since: float | None = None
        self.failure: SeatrialError | None = None
        self._said = b""
        self.tell(order.line())

    def tell(self, line: bytes) -> None:
        """Give an order; a dead process hears nothing."""
        stdin = self.process.stdin
        assert stdin is not None
        with suppress(OSError, ValueError):
            stdin.write(line)
            stdin.flush()

    def hear(self) -> Addresses | None:
        """What it reports; the addresses, once."""
        assert self.process.stdout is not None
        with suppress(BlockingIOError):
            while said := os.read(self.process.stdout.fileno(), 4096):
                self._said += said
        *lines, self._said = self._said.split(b"\n")
        for line in lines:
            try:
                report = read_report(line)
            except (ValueError, KeyError, TypeError):  # something else found the way into the pipe
                LOG.warning("%d bytes from the serving process are no report", len(line))
                continue
            if isinstance(report, Addresses):
                self.ready_since = time.monotonic()
                return report
            self.failure = report
        return None

    def release(self) -> None:
        """End its orders: it stops when it has answered what it accepted."""
        assert self.process.stdin is not None
        with suppress(OSError):
            self.process.stdin.close()

    def end(self) -> None:
        """Whatever it does, it is gone afterwards."""
        self.release()
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    @property
    def last_words(self) -> str:
        """How it ended."""
        if self.failure is not None:
            return self.failure.message
        code = self.process.returncode
        if code is not None and code < 0:
            return f"killed by {signal.Signals(-code).name}"
        return f"ended with code {code}"
