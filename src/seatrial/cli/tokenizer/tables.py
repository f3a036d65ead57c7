"""What `seatrial tokenizer report` shows people. Refuses to know: how it was measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from io import StringIO
from shutil import get_terminal_size
from typing import Any, Literal

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from seatrial.cli.texts import on_one_line
from seatrial.records import Report

__all__ = ["report_tables"]

NARROWEST, WIDEST = 80, 160
NAME_CHARS, TOKEN_CHARS = 12, 60
MOST_LONGEST = 5
TEXTS = {"slice": "texts", "texts": "number", "words": "words", "characters": "characters", "bytes": "bytes"}
FIGURES = {
    "tokenizer": "tokenizer",
    "tokens": "tokens",
    "tokens_per_word": "/word",
    "tokens_per_character": "/char",
    "bytes_per_token": "bytes",
    "unread": "unread",
    "as_bytes": "as bytes",
    "single": "whole",
    "used": "used",
}
EXPLAINED = (
    "/word, /char: tokens per word and per character; bytes: of text per token; unread: share of the characters;\n"
    "as bytes: tokens that are a byte of a character; whole: words that are one token; used: share of the vocabulary"
)
SIZES = {"tokenizer": "tokenizer", "size": "tokens"}
LONGEST = {"tokenizer": "tokenizer", "token": "token", "characters": "characters", "count": "found"}
SHARES = {"unknown", "unread", "as_bytes", "single", "used"}


def report_tables(report: Report) -> str:
    """The report as plain text: a table for each slice, so that tokenizers stand beside each other."""
    rows = report.tables["tokenizers"]
    slices = dict.fromkeys(row["slice"] for row in rows)
    told = [f"{report.facts['texts']:,} texts"]
    told += _table("vocabularies", [{"tokenizer": n, "size": s} for n, s in report.facts["vocabulary"].items()], SIZES)
    told += _table("texts", report.tables["texts"], TEXTS)
    for part in slices:
        told += _table(f"tokens, {on_one_line(part)}", [row for row in rows if row["slice"] == part], FIGURES)
    told += ["", EXPLAINED]
    counts: Counter[str] = Counter()
    longest = []
    for row in report.tables["longest"]:
        counts[row["tokenizer"]] += 1
        if counts[row["tokenizer"]] <= MOST_LONGEST:
            longest.append(row)
    told += _table("longest tokens", longest, LONGEST)
    return "\n".join(told)


def _table(title: str, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> list[str]:
    """The table as lines, or nothing where it has no rows."""
    if not rows:
        return []
    table = Table(box=None, pad_edge=False)
    for key, header in columns.items():
        number = not isinstance(rows[0][key], str)
        width = None if number else NAME_CHARS
        justify: Literal["left", "right"] = "right" if number else "left"
        table.add_column(header, justify=justify, no_wrap=number, overflow="fold", min_width=width)
    for row in rows:
        table.add_row(*(_cell(key, row[key]) for key in columns))
    width = min(max(get_terminal_size().columns, NARROWEST), WIDEST)
    console = Console(file=StringIO(), width=width, color_system=None, highlight=False)
    console.print(table)
    assert isinstance(console.file, StringIO)
    return ["", title, *(line.rstrip() for line in console.file.getvalue().splitlines())]


def _cell(key: str, value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, str):
        line = on_one_line(value)
        return escape(line if len(line) <= TOKEN_CHARS else line[: TOKEN_CHARS - 1] + "…")
    if key in SHARES:
        return f"{100 * value:.1f}%"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"
