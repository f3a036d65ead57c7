"""Several scripts, one result file: each writes its part of `data.json` anew and leaves the others' as they are."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import results
from results import RESULTS

__all__ = ["data_parser", "write_part"]

NAME = "data"


def write_part(
    part: str, figures: Sequence[Mapping[str, Any]], *, seed: int, folder: Path = RESULTS, note: str | None = None
) -> Path:
    """Replace the rows whose names begin with `part` and a colon.

    Args:
        part: for example ``"near duplicates"``; it is put before each row's name.
        figures: rows as `results.figure` makes them.
        seed: of the run.
        folder: of the result file.
        note: what a reader of these rows must know.
    """
    return results.write_part(NAME, part, figures, seed=seed, folder=folder, note=note)


def data_parser(description: str | None, rows: int) -> argparse.ArgumentParser:
    """The options that all scripts of `make bench-data` have.

    Args:
        description: the script's docstring.
        rows: how many it takes unless told otherwise.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=rows, help=f"texts (default {f'{rows:,}' if rows else 'all'})")
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the result file")
    return parser
