"""`seatrial data diff`: what was added, removed and changed between two versions of a data set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seatrial.cli.console import guarded, note, say, write_json
from seatrial.cli.data.files import check_outputs
from seatrial.cli.data.options import (
    Delimiter,
    Encoding,
    FileFormat,
    MaxBadRows,
    Overwrite,
    TextColumn,
)
from seatrial.cli.options import Debug, Json

if TYPE_CHECKING:
    from seatrial.data.versions import Diff

__all__ = ["diff"]

Version = "a file, a glob in quotes, a prepared data set, or a project"
SHOWN_CHARACTERS = 80
SIGNS = {"added": "+", "removed": "-", "changed": "~"}


@guarded
def diff(
    a: Annotated[str, typer.Argument(metavar="A", help=f"The version before: {Version}.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The version after.")],
    *,
    key: Annotated[
        str | None,
        typer.Option("--id", metavar="COLUMN", help="The column that identifies a row.  [default: rows match by text]"),
    ] = None,
    text: TextColumn = None,
    label: Annotated[
        str | None,
        typer.Option("--label", metavar="COLUMN", help="The column with the label.  [default: label, if both have it]"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write every change there, as JSONL.")
    ] = None,
    examples: Annotated[int, typer.Option(min=0, metavar="N", help="Changes of each kind to show.")] = 5,
    file_format: FileFormat = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    max_bad_rows: MaxBadRows = 100,
    overwrite: Overwrite = False,
    json_output: Json = False,
    debug: Debug = False,
) -> None:
    """Compare two versions of a data set: rows added, removed and changed, labels, and how classes and lengths moved.

    Memory does not grow with the data; disk does, for digests and the starts of texts, in the temporary folder.
    """
    from seatrial.cli.progress_bars import ProgressBars
    from seatrial.data.versions import diff as compare
    from seatrial.data.versions import open_sides

    if out is not None:
        check_outputs([out], [Path(a), Path(b)], overwrite=overwrite)
    sides = open_sides(
        a, b, text=text, label=label, key=key, encoding=encoding, delimiter=delimiter, file_format=file_format
    )
    for guess in dict.fromkeys(guess for side in sides for guess in side.guesses):
        note(guess)
    with (
        ProgressBars() as bars,
        compare(*sides, examples=examples, max_bad_rows=max_bad_rows, progress=bars) as (found, changes),
    ):
        if out is not None:
            _write(out, changes, sides[0].mode & sides[1].mode)
    if json_output:
        write_json({"a": a, "b": b, **found.as_dict(), **({"out": str(out)} if out else {})})
        return
    _show(found)
    if out is not None:
        say(f"every change: {out}")


def _write(out: Path, changes: Any, mode: int) -> None:
    from seatrial.artifact.atomic import atomic_file

    with atomic_file(out, mode=mode) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(change, ensure_ascii=False) + "\n" for change in changes)


def _show(found: Diff) -> None:
    for side, counts in found.rows.items():
        more = [
            f"{counts[what]:,} {name}" for what, name in (("copies", "repeated"), ("bad_rows", "bad")) if counts[what]
        ]
        say(f"{side}: {counts['rows']:,} rows" + (f" ({', '.join(more)})" if more else ""))
    say(f"by {found.by}: {found.added:,} added, {found.removed:,} removed, {found.changed_rows:,} changed, "
        f"{found.same:,} the same")  # fmt: skip
    for part, count in found.changed.items():
        if count:
            say(f"  {part} changed: {count:,}")
    for name, pairs in (("label", found.label_changes), ("split", found.split_changes)):
        for pair in pairs[:10]:
            say(f"  {name} {pair['from'] or '(none)'} → {pair['to'] or '(none)'}: {pair['count']:,}")
    if any(row["label"] for row in found.classes):
        say(f"labels moved by {100 * found.class_distance:.1f} % of the rows")
        for row in found.classes[:20]:
            say(f"  {row['label'] or '(none)'}: {row['a']:,} ({100 * row['share_a']:.1f} %) → "
                f"{row['b']:,} ({100 * row['share_b']:.1f} %)")  # fmt: skip
    if len(found.lengths) == len(found.rows):
        medians = " → ".join(f"{side['p50']:,.0f}" for side in found.lengths.values())
        means = " → ".join(f"{side['mean']:,.1f}" for side in found.lengths.values())
        say(f"characters per text: median {medians}, mean {means}; widest gap {found.length_distance:.3f}")
    for change in found.examples:
        shown = change["b"] or change["a"]
        parts = f" ({', '.join(change['parts'])})" if change["parts"] else ""
        text = " ".join(shown.get("text", "").split())[:SHOWN_CHARACTERS]
        say(f"{SIGNS[change['change']]} {shown['where']}{parts}: {text}")
