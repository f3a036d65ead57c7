"""`seatrial run`: the whole voyage, from the project file to a verdict and perhaps a release."""

from __future__ import annotations

from shlex import quote

from seatrial.cli.console import guarded, say, write_json
from seatrial.cli.options import Debug, Json, ProjectPath, Set

__all__ = ["run"]


@guarded
def run(project: ProjectPath, overrides: Set = None, json_output: Json = False, debug: Debug = False) -> None:
    """Run every stage whose inputs changed, judge the candidates, and release the one that meets the contract.

    Exit code 3 means that every stage ran and a requirement was missed; an earlier release stays as it was.

    Started by torchrun or accelerate, the processes train together; the first one does all the rest.
    """
    from seatrial.cli.share_cores import share_cores

    share_cores()
    from seatrial.cli.company import company
    from seatrial.cli.progress_bars import ProgressBars
    from seatrial.cli.verdict_table import stage_line, verdict_table
    from seatrial.errors import ContractNotMet
    from seatrial.pipeline.voyage import sail
    from seatrial.report.html import report_page
    from seatrial.spec.load import find_project, load_spec

    found = find_project(project)
    spec = load_spec(found.file, overrides or [])
    with company() as meeting, ProgressBars() as bars:
        if meeting and not meeting.processes.first:
            from seatrial.pipeline.join import join

            join(spec, meeting)
            return
        outcome = sail(
            found,
            spec,
            render=report_page,
            progress=bars,
            heard=lambda stage, event, seconds: bars.line(stage_line(stage, event, seconds)),
            noted=lambda line: bars.line(f"  {line}"),
            meeting=meeting,
        )
    if json_output:
        write_json(outcome.as_dict())
    else:
        say(verdict_table(outcome.trial))
        for warning in outcome.warnings:
            say(f"warning: {warning}")
        say(f"report:  {outcome.report}")
        if outcome.release:
            say(f"release: {outcome.release}")
            say(f"serve:   seatrial serve {quote(str(outcome.release))}")
    if not outcome.accepted:
        missed = len(outcome.trial.verdict.missed)
        if json_output:
            import typer

            raise typer.Exit(ContractNotMet.exit_code)
        raise ContractNotMet(
            f"{missed} of {len(outcome.trial.verdict.results)} requirements were missed; nothing was released",
            hint="read the report; then change the data, the training or the contract, and run again",
        )
