"""How long each stage took."""

from __future__ import annotations

from seatrial.govern.figures import finite
from seatrial.records import Trial
from seatrial.report.markup import Child, h, user
from seatrial.report.plots.share_bar import share_bar
from seatrial.report.sections.base import Section
from seatrial.report.table import Column, table

__all__ = ["timings"]


def timings(trial: Trial) -> Section | None:
    """None when no stage was timed."""
    known = {stage: seconds for stage, value in trial.seconds.items() if (seconds := finite(value)) is not None}
    if not known:
        return None
    total = sum(known.values())
    columns = [Column("Stage"), Column("Seconds", "number"), Column("Share", "plot")]
    lines: list[list[Child]] = [
        [user(stage), f"{value:,.1f}", share_bar(value / total if total else 0)] for stage, value in known.items()
    ]
    lines.append([h("em", "together"), f"{total:,.1f}", None])
    return Section(
        "time",
        "Time",
        "Wall-clock seconds of each stage; a stage whose inputs did not change is not run again.",
        table("Seconds by stage", columns, lines),
    )
