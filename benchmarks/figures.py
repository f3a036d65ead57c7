"""Print every figure of `benchmarks/results/*.json` as one table, what falls short first.

Refuses to know how anything was measured: a benchmark writes its file, this page shows it. Standard library only, so
that it runs before anything is installed. A result file is
`{"meta": {date, hardware, …}, "figures": [{"name", "value", "unit", "goal", "met", "opponent", "interval", "n"}…]}`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["RESULTS", "cell", "load_figures", "markdown_table", "plain_table"]

RESULTS = Path(__file__).parent / "results"
COLUMNS = ("bench", "name", "value", "unit", "interval", "goal", "met", "opponent", "n")
HEADINGS = {"name": "figure", "opponent": "compared with"}


def load_figures(folder: Path) -> list[dict[str, Any]]:
    """All figures of a results folder with their benchmark's name as `bench`: missed, then met, then without a goal.

    Args:
        folder: holds one JSON file per benchmark; may be empty or absent.

    Raises:
        SystemExit: a file is not JSON, or a figure lacks its name or value.
    """
    figures: list[dict[str, Any]] = []
    for file in sorted(folder.glob("*.json")):
        try:
            rows = json.loads(file.read_text(encoding="utf-8"))["figures"]
            figures += [{**row, "bench": file.stem, "name": row["name"], "value": row["value"]} for row in rows]
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise SystemExit(f"{file}: not a result file ({error!r}); run `make bench` again") from error
    rank = {False: 0, True: 1, None: 2}
    return sorted(figures, key=lambda row: rank[row.get("met")])


def cell(row: Mapping[str, Any], column: str) -> str:
    """One cell as text: numbers with at most three decimals, intervals in brackets, `no` where a goal was missed."""
    value = row.get(column)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3f}".rstrip("0").rstrip(".")
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(cell({"end": end}, "end") for end in value) + "]"
    return str(value)


def _used(figures: Iterable[Mapping[str, Any]]) -> list[str]:
    """The columns that say something in at least one row."""
    rows = list(figures)
    return [column for column in COLUMNS if any(cell(row, column) for row in rows)]


def plain_table(figures: Sequence[Mapping[str, Any]]) -> str:
    """The table for a terminal, columns aligned."""
    columns = _used(figures)
    lines = [[HEADINGS.get(column, column) for column in columns]]
    lines += [[cell(row, column) for column in columns] for row in figures]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def markdown_table(figures: Sequence[Mapping[str, Any]]) -> str:
    """The table for a page."""
    columns = _used(figures)
    lines = [[HEADINGS.get(column, column) for column in columns], ["---"] * len(columns)]
    lines += [[cell(row, column).replace("|", "\\|") for column in columns] for row in figures]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> None:
    """Print the table and how many goals were missed."""
    figures = load_figures(RESULTS)
    if not figures:
        print("no figures yet: run `make bench`")
        return
    missed = sum(row.get("met") is False for row in figures)
    print(plain_table(figures))
    print(f"\n{missed} of {sum(row.get('met') is not None for row in figures)} goals missed")


if __name__ == "__main__":
    main()
