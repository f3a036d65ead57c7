"""What `seatrial data inspect` shows people. Refuses to know: how it was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO
from shutil import get_terminal_size
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from seatrial.records import Report

__all__ = ["inspect_tables"]

NARROWEST, WIDEST = 60, 160
MOST_ROWS = 20
TEXT_CHARS = 120


def inspect_tables(report: Report) -> str:
    """The report as plain text; the most frequent rows of each table."""
    facts = report.facts
    told = [_head(facts)]
    tables = report.tables
    sampled, compared, judged = (f"of {facts[name]:,} texts" for name in ("sampled", "compared", "judged_labels"))
    told += _table("not usable", tables["bad_rows"], {"reason": "reason", "count": "rows"})
    told += _table("parts", tables["parts"], {"part": "part", "rows": "rows"})
    told += _table("labels", tables["labels"], {"label": "label", "count": "rows", "share": "share"})
    quantiles = {name: name for name in ("mean", "min", "p5", "p50", "p95", "p99", "max")}
    told += _table("length", tables["lengths"], {"unit": "unit", **quantiles})
    languages = {"language": "language", "count": "texts", "share": "share"}
    told += _table(f"languages, {sampled}", tables["languages"], languages)
    copies = {
        "kind": "copies",
        "clusters": "groups",
        "texts": "texts",
        "more": "too many",
        "conflicting": "labels differ",
    }
    told += _table(f"copies, {compared}", tables["copies"], copies)
    leaks = [{**row, "between": " and ".join(row["between"])} for row in tables["leaks"]]
    told += _table("in more than one part", leaks, {"kind": "copies", "between": "parts", "clusters": "groups"})
    personal = {"entity": "kind", "texts": "texts", "found": "found"}
    told += _table(f"personal data, {sampled}", tables["personal_data"], personal)
    suspects = {
        "label": "label",
        "suggested": "perhaps",
        "score": "score",
        "source": "source",
        "row": "row",
        "text": "text",
    }
    title = f"suspected labels: {facts['suspected']:,} {judged}"
    told += _table(title, tables["suspected_labels"], suspects)
    shown = {"source": "source", "row": "row", "label": "label", "text": "text"}
    told += _table("sample rows", tables["samples"], shown)
    return "\n".join(told).rstrip()


def _head(facts: Mapping[str, Any]) -> str:
    parts = [f"{facts['rows']:,} rows: {facts['texts']:,} texts"]
    parts += [
        f"{facts[name]:,} {called}" for name, called in (("empty", "empty"), ("bad_rows", "not usable")) if facts[name]
    ]
    return ", ".join(parts)


def _table(title: str, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> list[str]:
    """The table as lines, or nothing where it has no rows."""
    if not rows:
        return []
    table = Table(box=None, pad_edge=False)
    for key, header in columns.items():
        number = isinstance(rows[0][key], int | float)
        table.add_column(header, justify="right" if number else "left", no_wrap=number, overflow="fold")
    for row in rows[:MOST_ROWS]:
        table.add_row(*(_cell(key, row[key]) for key in columns))
    width = min(max(get_terminal_size().columns, NARROWEST), WIDEST)
    console = Console(file=StringIO(), width=width, color_system=None, highlight=False)
    console.print(table)
    more = len(rows) - MOST_ROWS
    assert isinstance(console.file, StringIO)
    written = "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())
    return ["", title, written, *([f"and {more:,} more; --json gives all"] if more > 0 else [])]


def _cell(key: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        line = " ".join(str(value).split())
        return escape(line if len(line) <= TEXT_CHARS else line[: TEXT_CHARS - 1] + "…")
    if key == "share":
        return f"{100 * value:.1f} %"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}" if key == "score" else f"{value:,.1f}"
