"""`python -m seatrial.serve RELEASE`: the service as a child process, for measurements and supervisors.

Writes its URL as the first line of stdout, and stops when its stdin is closed, so that it never outlives the process
that started it. People use `seatrial serve`.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from seatrial.errors import SeatrialError
from seatrial.serve.server import run
from seatrial.serve.settings import ServeSettings

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Serve until stdin closes or a signal comes; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m seatrial.serve", description=__doc__)
    parser.add_argument("release", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--threads", type=int)
    options = parser.parse_args(arguments)
    threading.Thread(target=_stop_with_parent, daemon=True).start()
    try:
        run(options.release, ServeSettings(port=options.port, threads=options.threads), started=_announce)
    except SeatrialError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


def _announce(url: str) -> None:
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()


def _stop_with_parent() -> None:
    """A pipe closes when its writer dies, even by kill -9."""
    while os.read(0, 4096):  # not sys.stdin: a lock held by a daemon thread would abort the exit
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
