"""Usage mistakes (an unknown option, a missing argument) as the one JSON object that `--json` promises.

They are found before any command runs, so the command's own guard does not see them. Refuses to know: the commands.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from seatrial.cli.console import write_json

__all__ = ["JsonUsageGroup"]

# Newer versions of typer carry click within themselves, older ones depend on it: the class is the same, its place not.
ClickException: type[Exception] = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")


class JsonUsageGroup(TyperGroup):
    """The program. Exit codes are those of typer: 2 for a usage mistake."""

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, *rest: Any, **settings: Any) -> Any:
        """Run it; with `--json` among the arguments a usage mistake is written as JSON."""
        given = sys.argv[1:] if args is None else list(args)
        options = given[: given.index("--")] if "--" in given else given
        if "--json" not in options or rest or not settings.get("standalone_mode", True):
            return super().main(args, prog_name, *rest, **settings)
        try:
            code = super().main(args, prog_name, **{**settings, "standalone_mode": False})
        except ClickException as error:
            write_json(_told(error))
            sys.exit(getattr(error, "exit_code", 2))
        except typer.Abort:
            sys.exit(1)
        sys.exit(code if isinstance(code, int) else 0)


def _told(error: Any) -> dict[str, str | None]:
    """The form of all errors; see `SeatrialError.as_dict`."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "seatrial"
    return {
        "error": "UsageError",
        "message": " ".join(error.format_message().split()),
        "where": command,
        "expected": " ".join(context.get_usage().removeprefix("Usage:").split()) if context is not None else None,
        "hint": f"see `{command} --help`",
    }
