"""`seatrial doctor`: what this machine can do, and what is missing for what."""

from __future__ import annotations

from seatrial.cli.console import guarded, say, write_json
from seatrial.cli.options import Debug, Json

__all__ = ["doctor"]


@guarded
def doctor(json_output: Json = False, debug: Debug = False) -> None:
    """Check the machine, the installed parts and the settings; exit code 1 if serving a release would fail."""
    from seatrial.cli.checks import run_checks

    checks = run_checks()
    if json_output:
        write_json({"ok": all(check.ok for check in checks if check.required), "checks": [vars(c) for c in checks]})
    else:
        for check in checks:
            mark = "ok" if check.ok else "MISSING" if check.required else "absent"
            say(f"{mark:<8} {check.name:<16} {check.found}")
            if not check.ok:
                say(f"{'':<8} {'':<16} {check.remedy}")
    if not all(check.ok for check in checks if check.required):
        import typer

        raise typer.Exit(1)
