"""`python -m seatrial.serve`: the service as a child process, for measurements and for the supervisor.

With a RELEASE it serves at once, writes its URL as the first line of stdout, and stops when its stdin is closed, so
that it never outlives the process that started it. With `--supervised` it follows the orders of
`serve.process.supervisor`. People use `seatrial serve`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from seatrial.errors import SeatrialError
from seatrial.serve.process.orders import Addresses, Order, failure_line, report_line, settings_from
from seatrial.serve.watch.logs import configure_logs

__all__ = ["main"]

STDIN, STDOUT, STDERR = 0, 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Serve until stdin closes or a signal comes; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m seatrial.serve", description=__doc__)
    parser.add_argument("releases", type=Path, nargs="*", metavar="RELEASE")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--settings", type=json.loads, default={}, help="JSON object of further settings")
    parser.add_argument("--supervised", type=int, metavar="FD", help="a listening socket; orders come on stdin")
    options = parser.parse_args(arguments)
    if options.supervised is not None:
        return _supervised(options.supervised)
    if not options.releases:
        parser.error("name at least one release")
    from seatrial.serve.process.server import run

    settings = replace(settings_from(options.settings), port=options.port, threads=options.threads)
    try:
        with configure_logs(settings.log_level, settings.log_json, texts=settings.log_texts):
            run(options.releases, settings, started=_tell, control=STDIN)
    except SeatrialError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


def _supervised(descriptor: int) -> int:
    """Get ready, wait for the word, serve."""
    reports = os.dup(STDOUT)
    os.dup2(STDERR, STDOUT)  # what a library prints is for people
    orders = _lines()
    first = next(orders, None)
    if first is None:
        return 0
    order = Order.read(first)
    configure_logs(order.settings.log_level, order.settings.log_json, texts=order.settings.log_texts)
    _name("seatrial-spare")
    _prepare(order)
    if next(orders, None) is None:
        return 0
    _name("seatrial-serve")
    from seatrial.serve.process.listening import adopt
    from seatrial.serve.process.server import run

    def answers(addresses: Addresses) -> None:
        os.write(reports, report_line(addresses))

    try:
        run(order.releases, order.settings, report=answers, listener=adopt(descriptor), control=STDIN)
    except SeatrialError as error:
        os.write(reports, failure_line(error))
        return error.exit_code
    return 0


def _lines() -> Iterator[bytes]:
    """The first two orders, a byte at a time: what follows is for the server."""
    for _ in range(2):
        line = b""
        while not line.endswith(b"\n"):
            byte = os.read(STDIN, 1)
            if not byte:
                return
            line += byte
        yield line


def _prepare(order: Order) -> None:
    """Import all that serving needs and load nothing: most of the time that a start takes."""
    import seatrial.serve.engine
    import seatrial.serve.handlers
    import seatrial.serve.http.app
    import seatrial.serve.process.server
    from seatrial.serve.engines import ENGINES

    if order.settings.engine == "onnxruntime":
        import onnxruntime  # noqa: F401
    if order.settings.grpc_port is not None:
        with suppress(ImportError):  # said properly when it is started
            import seatrial.serve.grpc.server  # noqa: F401
    with suppress(SeatrialError):
        ENGINES.get(order.settings.engine)


def _name(name: str) -> None:
    """How the process is called in `ps` and `top`, where the system lets it choose."""
    with suppress(OSError):
        Path("/proc/self/comm").write_text(name, encoding="ascii")


def _tell(url: str) -> None:
    os.write(STDOUT, f"{url}\n".encode())


if __name__ == "__main__":
    sys.exit(main())
