"""What `seatrial data agree` shows people: figures with intervals, in tables.

Refuses to know: how they were measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO
from shutil import get_terminal_size
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

__all__ = ["agreement_tables", "rule_tables"]

NARROWEST, WIDEST = 60, 160
MOST_ROWS = 20
OVERALL = {
    "krippendorff_alpha": "Krippendorff's alpha ({scale})",
    "fleiss_kappa": "Fleiss' kappa",
    "percent": "two raters say the same",
    "unanimous": "all raters say the same",
    "one_rater": "one rater says what most others say",
}


def agreement_tables(found: Mapping[str, Any], consensus: Mapping[str, Any]) -> str:
    """The figures of `summarise` and the raters as a consensus sees them, as plain text."""
    percent = f"{100 * found['confidence']:g} % interval"
    overall = _table("agreement", ("figure", "value", percent, "items"))
    for name, title in OVERALL.items():
        overall.add_row(title.format(scale=found["scale"]), *_figure(found["overall"][name], with_n=True))
    tables = [overall]
    if found["per_label"]:
        labels = _table("per label", ("label", "share", "agreement", percent, "alpha", percent))
        for row in found["per_label"]:
            figures = (*_figure(row["agreement"]), *_figure(row["alpha"]))
            labels.add_row(escape(row["label"]), f"{row['share']:.3f}", *figures)
        tables.append(labels)
    raters = _table("per rater", ("rater", "ratings", "agrees with most others", f"accuracy ({consensus['method']})"))
    accuracy = {row["rater"]: row["accuracy"] for row in consensus["raters"]}
    ranked = sorted(found["per_rater"], key=lambda row: accuracy[row["rater"]])
    for row in ranked[:MOST_ROWS]:
        others, own = _number(row["agrees_with_others"]), _number(accuracy[row["rater"]])
        raters.add_row(escape(row["rater"]), f"{row['ratings']:,}", others, own)
    tables.append(raters)
    if found["pairs"]:
        pairs = _table("per two raters", ("rater", "rater", "items", "same", "Cohen's kappa", percent))
        for row in sorted(found["pairs"], key=lambda row: _last_if_missing(row["kappa"]["value"]))[:MOST_ROWS]:
            names = escape(row["first"]), escape(row["second"])
            pairs.add_row(*names, f"{row['kappa']['n']:,}", _number(row["percent"]), *_figure(row["kappa"]))
        tables.append(pairs)
    head = f"{found['items']:,} items, {found['raters']:,} raters, {found['ratings']:,} ratings"
    return _text(head, tables, [("raters", len(ranked)), ("pairs", len(found["pairs"]))])


def rule_tables(rows: Sequence[Mapping[str, Any]], texts: int, covered: int) -> str:
    """The rules with what each covers, and how good the model and (where labels are given) the texts find it."""
    known = any(row.get("accuracy") is not None for row in rows)
    columns = ("rule", "says", "coverage", "overlaps", "conflicts", "accuracy (model)")
    table = _table("rules", (*columns, "accuracy (labels)") if known else columns)
    for row in rows:
        cells = [escape(row["rule"]), escape(", ".join(row["labels"])) or "–"]
        cells += [f"{row[name]:.3f}" for name in ("coverage", "overlaps", "conflicts")]
        cells.append(_number(row["model_accuracy"]))
        table.add_row(*cells, *([_number(row["accuracy"])] if known else []))
    return _text(f"{texts:,} texts, {covered:,} of them with a rule that speaks", [table], [])


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left")
    for place, column in enumerate(columns):
        table.add_column(column, justify="left" if place == 0 else "right", overflow="fold")
    return table


def _figure(figure: Mapping[str, Any], *, with_n: bool = False) -> tuple[str, ...]:
    bounds = figure["interval"]
    shown = _number(figure["value"]), f"{bounds[0]:.3f} … {bounds[1]:.3f}" if bounds else ""
    return (*shown, f"{figure['n']:,}") if with_n else shown


def _number(value: float | None) -> str:
    return "–" if value is None or value != value else f"{value:.3f}"  # noqa: PLR0124 - NaN is no equal of itself


def _last_if_missing(value: float) -> float:
    return value if value == value else float("inf")  # noqa: PLR0124


def _text(head: str, tables: Sequence[Table], counts: Sequence[tuple[str, int]]) -> str:
    text = StringIO()
    width = max(NARROWEST, min(WIDEST, get_terminal_size((120, 40)).columns))
    console = Console(file=text, width=width, highlight=False, no_color=True)
    console.print(head)
    for table in tables:
        console.print(table)
    for what, count in counts:
        if count > MOST_ROWS:
            console.print(f"of {count:,} {what} those {MOST_ROWS} that agree least are shown; --json has all")
    return text.getvalue().rstrip("\n")
