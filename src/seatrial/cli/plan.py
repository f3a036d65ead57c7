"""`seatrial plan`: what a run would do, and which change makes it so."""

from __future__ import annotations

from dataclasses import asdict

from seatrial.cli.console import guarded, say, write_json
from seatrial.cli.options import Debug, Json, ProjectPath, Set

__all__ = ["plan"]


@guarded
def plan(project: ProjectPath, overrides: Set = None, json_output: Json = False, debug: Debug = False) -> None:
    """Show which stages would run, and why. Nothing is written."""
    from seatrial.pipeline.plan import plan as make_plan
    from seatrial.pipeline.preflight import preflight
    from seatrial.pipeline.references import check_references
    from seatrial.pipeline.stages import main_job
    from seatrial.spec.load import find_project, load_spec

    found = find_project(project)
    spec = load_spec(found.file, overrides or [])
    preflight(spec)
    check_references(spec, found.root, fetch=False)
    planned = make_plan(found, spec, main_job(spec))
    if json_output:
        write_json({"stages": [asdict(stage) for stage in planned]})
        return
    for stage in planned:
        known = f"{stage.digest[:12]}" if stage.digest else f"last time {stage.seconds:.0f} s" if stage.seconds else ""
        say(f"{stage.stage:<10} {stage.action:<6} {known}".rstrip())
        for reason in stage.reasons:
            say(f"{'':<10} because {reason}")
