"""`seatrial report`: where the last trial's page is, or its figures as JSON."""

from __future__ import annotations

from typing import Annotated

import typer

from seatrial.cli.console import guarded, say, write_json
from seatrial.cli.options import Debug, Json, ProjectPath

__all__ = ["report"]


@guarded
def report(
    project: ProjectPath,
    show: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    json_output: Json = False,
    debug: Debug = False,
) -> None:
    """Print the path of the last trial's HTML report, accepted or not."""
    from seatrial.pipeline.voyage import last_trial
    from seatrial.spec.load import find_project

    page, trial = last_trial(find_project(project))
    if json_output:
        write_json({"report": str(page), "trial": trial})
        return
    say(str(page))
    if show:
        import webbrowser

        webbrowser.open(page.as_uri())
