"""What a flow of rows came to, for people or as one JSON object. Refuses to know: which steps it was."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.cli.console import note, say, write_json

if TYPE_CHECKING:
    from seatrial.data.flow.flow import FlowReport

__all__ = ["note_formulas", "show_flow"]


def show_flow(report: FlowReport, out: Path, dropped: Path, *, json_output: bool) -> None:
    """Print the counts, and where the files are."""
    if json_output:
        write_json({**report.as_dict(), "out": str(out), "dropped_file": str(dropped)})
        return
    say(f"{report.rows:,} rows: {report.kept:,} kept, {report.changed:,} of them changed")
    for row in report.changes:
        say(f"  {row['step']}: {row['change']} {row['count']:,}")
    left_out = report.rows - report.kept
    if left_out:
        say(f"{left_out:,} left out, each with its reason in {dropped}")
        for row in report.dropped:
            say(f"  {row['step']}: {row['reason']} {row['count']:,}")
    note_formulas(report.formulas, report.escaped)
    say(f"written: {out}")


def note_formulas(formulas: int, escaped: int) -> None:
    """Say how many cells of CSV or TSV a spreadsheet would run, and what was done about it."""
    if escaped:
        note(f"{escaped:,} cell(s) that a spreadsheet would run got a ' in front (--formulas escape)")
    elif formulas:
        note(f"{formulas:,} cell(s) begin like a formula; before a spreadsheet opens the file: --formulas escape")
