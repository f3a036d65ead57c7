"""Where commands write: results to stdout, everything else to stderr, one JSON object when `--json` is given.

A user without `--debug` sees one short message, whatever happened, and never a traceback.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from typing import Any, ParamSpec

import typer

from seatrial.artifact.strict_json import strict_json
from seatrial.cli.failure import explained
from seatrial.errors import LostProcessError, SeatrialError
from seatrial.train.distributed.processes import launched

__all__ = ["guarded", "note", "say", "write_json"]

P = ParamSpec("P")

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""
TERMINATED = 143
"""Exit code after SIGTERM, as shells have it."""

FIRST_TELLS_WITHIN_S = 5.0
"""How long another process than the first waits before it tells of an error."""

ON_STOP = {"run": "run the same command again: finished stages are kept, training goes on from its last checkpoint"}
"""What to do after Ctrl-C or SIGTERM, by command, where there is anything to do."""


def say(text: str) -> None:
    """A line of the result, on stdout."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """A line about the work, on stderr."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def write_json(value: Any) -> None:
    """The one JSON object of `--json`. NaN and infinity, which JSON lacks, become null."""
    unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    say(strict_json(value, ascii_only=not unicode))


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """Turn whatever goes wrong in a command into one short message and the right exit code.

    The command must take `json_output` and `debug`; with `debug` a traceback goes before the message.
    """

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            with _hearing_sigterm():
                command(*args, **kwargs)
        except (typer.Exit, typer.Abort):
            raise
        except BrokenPipeError:  # the reader of our output has gone; there is nobody left to tell
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(1) from None
        except KeyboardInterrupt as stop:
            traceback.clear_frames(stop.__traceback__)  # what generators hold, such as processes, ends now
            told = SeatrialError("stopped", hint=ON_STOP.get(command.__name__, "nothing is left half-written"))
            if launched().first:
                _tell(told, as_json=bool(kwargs.get("json_output")))
            raise typer.Exit(TERMINATED if isinstance(stop, _Terminated) else INTERRUPTED) from None
        except Exception as error:
            if kwargs.get("debug"):
                traceback.print_exc()
            told = explained(error)
            traceback.clear_frames(error.__traceback__)
            _tell(told, as_json=bool(kwargs.get("json_output")))
            raise typer.Exit(told.exit_code) from None

    return run


class _Terminated(KeyboardInterrupt):
    """SIGTERM, which ends a command in the way of Ctrl-C: everything is cleaned up on the way out."""


@contextmanager
def _hearing_sigterm() -> Iterator[None]:
    """Let SIGTERM end the block, unless somebody else hears it already."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return

    def stop(number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_IGN)  # `timeout` sends it twice, and the second must not stop the cleaning up
        raise _Terminated

    signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGTERM) is stop:  # after it was heard, it stays unheard until the process ends
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _tell(error: SeatrialError, *, as_json: bool) -> None:
    processes = launched()
    if not processes.first:
        # What all processes run into, the first one tells; then the launcher stops the others while they wait here.
        if not isinstance(error, LostProcessError):
            with suppress(KeyboardInterrupt):
                time.sleep(FIRST_TELLS_WITHIN_S)
        note(f"process {processes.rank} of {processes.count}: error: {error}")
    elif as_json:
        write_json(error.as_dict())
    else:
        note(f"error: {error}")
