"""Where commands write: results to stdout, everything else to stderr, one JSON object when `--json` is given.

A user without `--debug` sees one short message, whatever happened, and never a traceback.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

import typer

from seatrial.artifact.strict_json import strict_json
from seatrial.cli.failure import explained
from seatrial.errors import SeatrialError

__all__ = ["guarded", "note", "say", "write_json"]

P = ParamSpec("P")

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""

ON_STOP = {"run": "run the same command again: finished stages are kept, training goes on from its last checkpoint"}
"""What to do after Ctrl-C, by command, where there is anything to do."""


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
            command(*args, **kwargs)
        except (typer.Exit, typer.Abort):
            raise
        except BrokenPipeError:  # the reader of our output has gone; there is nobody left to tell
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            told = SeatrialError("stopped", hint=ON_STOP.get(command.__name__, "nothing is left half-written"))
            _tell(told, as_json=bool(kwargs.get("json_output")))
            raise typer.Exit(INTERRUPTED) from None
        except Exception as error:
            if kwargs.get("debug"):
                traceback.print_exc()
            told = explained(error)
            _tell(told, as_json=bool(kwargs.get("json_output")))
            raise typer.Exit(told.exit_code) from None

    return run


def _tell(error: SeatrialError, *, as_json: bool) -> None:
    if as_json:
        write_json(error.as_dict())
    else:
        note(f"error: {error}")
