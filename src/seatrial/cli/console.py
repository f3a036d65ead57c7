"""Where commands write: results to stdout, everything else to stderr, one JSON object when `--json` is given."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

import typer

from seatrial.errors import SeatrialError

__all__ = ["guarded", "note", "say", "write_json"]

P = ParamSpec("P")

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""


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
    say(json.dumps(_plain(value), ensure_ascii=False))


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """Turn the errors of a command into one short message and the right exit code.

    The command must take `json_output` and `debug`.
    """

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except SeatrialError as error:
            if kwargs.get("debug"):
                raise
            if kwargs.get("json_output"):
                write_json(error.as_dict())
            else:
                note(f"error: {error}")
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            note("stopped; run the same command again to go on from the last checkpoint")
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:  # the reader of our output has gone; there is nobody left to tell
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(1) from None

    return run


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
